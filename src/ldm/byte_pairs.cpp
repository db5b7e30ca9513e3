#include "ldm/byte_pairs.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"
#include "core/input_file.h"
#include "core/json.h"
#include "ldm/unicode.h"

namespace kizu::ldm {
namespace {

constexpr uint64_t kLargestTable = 64u << 20;
constexpr size_t kMostBytes = 1000;  // bytes; the rest of a longer word is left out
constexpr std::string_view kStart = "<|startoftext|>", kEnd = "<|endoftext|>";

/// The character that stands for each byte in the vocabulary: itself where it can be seen, else U+0100 and
/// up.
const std::array<std::string, 256>& byte_names() {
  static const auto names = [] {
    std::array<std::string, 256> all;
    char32_t next = 256;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool seen = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
      all[byte] = unicode::encode(std::u32string(1, seen ? byte : next++));
    }
    return all;
  }();
  return names;
}

enum class Kind { kSpace, kLetter, kNumber, kOther };

Kind kind_of(char32_t c) {
  if (unicode::is_white_space(c) || (c >= 0x1C && c <= 0x1F)) return Kind::kSpace;
  if (unicode::is_letter(c)) return Kind::kLetter;
  return unicode::is_number(c) ? Kind::kNumber : Kind::kOther;
}

/// Length of the word that begins at text[at], which is no space: an English ending with its apostrophe, a
/// run of letters, one digit, or a run of anything else.
size_t word_length(std::u32string_view text, size_t at) {
  for (const std::u32string_view ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"})
    if (text.compare(at, ending.size(), ending) == 0) return ending.size();
  const Kind kind = kind_of(text[at]);
  size_t end = at + 1;
  while (kind != Kind::kNumber && end < text.size() && kind_of(text[end]) == kind) ++end;
  return end - at;
}

}  // namespace

BytePairs::BytePairs(const std::filesystem::path& vocabulary, const std::filesystem::path& merges,
                     int64_t max_length)
    : BytePairs(read_file(vocabulary, kLargestTable), read_file(merges, kLargestTable),
                vocabulary.parent_path().string(), max_length) {}

BytePairs::BytePairs(const std::string& vocabulary, const std::string& merges, const std::string& origin,
                     int64_t max_length)
    : max_length_(static_cast<size_t>(max_length)) {
  if (max_length < 3)
    throw Error(origin + ": texts of " + std::to_string(max_length) + " tokens hold no word");
  read_vocabulary(vocabulary, origin + "/vocab.json");
  read_merges(merges, origin + "/merges.txt");
}

void BytePairs::read_vocabulary(const std::string& text, const std::string& origin) {
  const Json json = parse_json(text, origin);
  const auto refuse = [&](const std::string& what) {
    throw Error(origin + " is not a byte pair vocabulary: " + what +
                "; give the vocab.json of CLIP ViT-L/14");
  };
  if (!json.is_object()) refuse("it is no object");
  for (const auto& [piece, id] : json.items()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= json.size())
      refuse("\"" + piece + "\" has no id from 0 to " + std::to_string(json.size() - 1));
    ids_[piece] = id.get<int64_t>();
  }
  for (const auto special : {kStart, kEnd})
    if (ids_.count(std::string(special)) == 0) refuse("it lacks " + std::string(special));
  for (const auto& byte : byte_names())
    if (ids_.count(byte) == 0 || ids_.count(byte + "</w>") == 0) refuse("it lacks a single byte, " + byte);
  start_ = ids_.at(std::string(kStart));
  end_ = ids_.at(std::string(kEnd));
}

void BytePairs::read_merges(const std::string& text, const std::string& origin) {
  for (size_t at = 0; at < text.size();) {
    const size_t newline = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, newline - at);
    at = newline + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.rfind("#version", 0) == 0) continue;
    const size_t blank = line.find(' ');
    if (blank == std::string::npos || ids_.count(line.substr(0, blank) + line.substr(blank + 1)) == 0)
      throw Error(origin + " does not belong to this vocabulary: it joins \"" + line +
                  "\"; give both files of one model");
    ranks_.emplace(std::make_pair(line.substr(0, blank), line.substr(blank + 1)), ranks_.size());
  }
}

std::vector<int64_t> BytePairs::encode(const std::string& text) const {
  std::vector<int64_t> ids = {start_};
  size_t from = 0;
  for (size_t at = 0; at < text.size();) {
    const bool start = text.compare(at, kStart.size(), kStart) == 0;
    if (!start && text.compare(at, kEnd.size(), kEnd) != 0) {
      ++at;
      continue;
    }
    add_text(text.substr(from, at - from), ids);
    ids.push_back(start ? start_ : end_);
    from = at += (start ? kStart : kEnd).size();
  }
  add_text(text.substr(from), ids);
  ids.resize(std::min(ids.size(), max_length_ - 1));
  ids.resize(max_length_, end_);
  return ids;
}

void BytePairs::add_text(const std::string& text, std::vector<int64_t>& ids) const {
  const auto characters = unicode::lower(unicode::decode(text));
  for (size_t at = 0; at < characters.size();) {
    if (kind_of(characters[at]) == Kind::kSpace) {
      ++at;
      continue;
    }
    const size_t length = word_length(characters, at);
    add_word(characters.substr(at, length), ids);
    at += length;
  }
}

void BytePairs::add_word(const std::u32string& word, std::vector<int64_t>& ids) const {
  std::vector<std::string> pieces;
  for (const unsigned char byte : unicode::encode(word).substr(0, kMostBytes))
    pieces.push_back(byte_names()[byte]);
  pieces.back() += "</w>";
  for (;;) {
    size_t best = ranks_.size(), where = 0;
    for (size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto rank = ranks_.find({pieces[i], pieces[i + 1]});
      if (rank != ranks_.end() && rank->second < best) best = rank->second, where = i;
    }
    if (best == ranks_.size()) break;
    pieces[where] += pieces[where + 1];
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(where) + 1);
  }
  for (const auto& piece : pieces) ids.push_back(ids_.at(piece));
}

}  // namespace kizu::ldm
