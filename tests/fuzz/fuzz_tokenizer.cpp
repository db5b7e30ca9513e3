// Any bytes as a vocabulary either make a tokenizer or are refused with an Error; any bytes as a text give
// ids of the right number, all of them in the vocabulary. The input is cut at its first and second "\n\n":
// vocabulary, merges, text.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "ldm/byte_pairs.h"
#include "ldm/unicode.h"
#include "ldm/word_pieces.h"

namespace {

void check(const kizu::ldm::Tokenizer& tokenizer, const std::string& text, std::size_t length) {
  const auto ids = tokenizer.encode(text);
  if (ids.size() != length) std::abort();
  for (const auto id : ids)
    if (id < 0 || id >= tokenizer.size()) std::abort();
}

template <class Make>
void try_with(const Make& make, const std::string& text) {
  try {
    check(make(), text, 16);
  } catch (const kizu::Error&) {
  }
}

/// All bytes and their ends, and two merges: a vocabulary that is always good.
std::string good_pairs() {
  nlohmann::json pieces = nlohmann::json::object();
  const auto add = [&](const std::string& piece) { pieces[piece] = pieces.size(); };
  for (const char* end : {"", "</w>"}) {
    char32_t next = 256;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool seen = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
      add(kizu::ldm::unicode::encode(std::u32string(1, seen ? byte : next++)) + end);
    }
  }
  for (const char* piece : {"ab", "abc</w>", "<|startoftext|>", "<|endoftext|>"}) add(piece);
  return pieces.dump();
}

std::string cut(std::string& rest) {
  const auto at = rest.find("\n\n");
  const auto first = rest.substr(0, at);
  rest = at == std::string::npos ? "" : rest.substr(at + 2);
  return first;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace kizu::ldm;
  static const WordPieces words("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n*\n", "fixed", 16);
  static const std::string good = good_pairs();
  static const BytePairs pairs(good, "a b\nab c</w>\n", "fixed", 16);
  std::string rest(reinterpret_cast<const char*>(bytes), size);
  check(words, rest, 16);
  check(pairs, rest, 16);
  const auto vocabulary = cut(rest), merges = cut(rest);
  try_with([&] { return WordPieces("[PAD]\n[UNK]\n[CLS]\n[SEP]\n" + vocabulary, "fuzz", 16); }, rest);
  try_with([&] { return BytePairs(vocabulary, merges, "fuzz", 16); }, rest);
  try_with([&] { return BytePairs(good, merges, "fuzz", 16); }, rest);
  return 0;
}
