#include "ldm/word_pieces.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "core/input_file.h"
#include "ldm/unicode.h"

namespace kizu::ldm {
namespace {

constexpr uint64_t kLargestFile = 64u << 20;
constexpr size_t kMostCharacters = 100;  // characters; longer ones are unknown
constexpr std::string_view kSpecial[] = {"[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]"};

bool is_chinese(char32_t c) {
  constexpr char32_t kRuns[][2] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                   {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                   {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  for (const auto& run : kRuns)
    if (c >= run[0] && c <= run[1]) return true;
  return false;
}

bool splits_words(char32_t c) {
  const bool ascii =
      (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  return ascii || unicode::is_punctuation(c);
}

/// Without control characters, every white space a blank, each Chinese character a word of its own.
std::u32string cleaned(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) {
    const bool blank = c == '\t' || c == '\n' || c == '\r';
    if (c == 0 || c == 0xFFFD || (!blank && unicode::is_control(c))) continue;
    if (blank || unicode::is_white_space(c))
      out += U' ';
    else if (is_chinese(c))
      out += {U' ', c, U' '};
    else
      out += c;
  }
  return out;
}

/// The special word that stands at text[at]; empty where there is none.
std::string_view special_at(std::string_view text, size_t at) {
  for (const auto word : kSpecial)
    if (text.compare(at, word.size(), word) == 0) return word;
  return {};
}

}  // namespace

WordPieces::WordPieces(const std::filesystem::path& file, int64_t max_length)
    : WordPieces(read_file(file, kLargestFile), file.string(), max_length) {}

WordPieces::WordPieces(const std::string& lines, const std::string& origin, int64_t max_length)
    : max_length_(static_cast<size_t>(max_length)) {
  const auto refuse = [&](const std::string& what) {
    throw Error(origin + " is not a WordPiece vocabulary: " + what +
                "; give the vocab.txt of bert-base-uncased");
  };
  if (max_length < 3)
    throw Error(origin + ": texts of " + std::to_string(max_length) + " tokens hold no word");
  for (size_t at = 0; at < lines.size();) {
    const size_t newline = std::min(lines.find('\n', at), lines.size());
    std::string entry = lines.substr(at, newline - at);
    if (!entry.empty() && entry.back() == '\r') entry.pop_back();
    const auto id = static_cast<int64_t>(ids_.size());
    if (!ids_.emplace(std::move(entry), id).second)
      refuse("line " + std::to_string(id + 1) + " occurs twice");
    at = newline + 1;
  }
  for (const auto word : kSpecial)
    if (word != "[MASK]" && ids_.count(std::string(word)) == 0) refuse("it lacks " + std::string(word));
  start_ = ids_.at("[CLS]");
  end_ = ids_.at("[SEP]");
  padding_ = ids_.at("[PAD]");
  unknown_ = ids_.at("[UNK]");
}

std::vector<int64_t> WordPieces::encode(const std::string& text) const {
  std::vector<int64_t> ids = {start_};
  size_t from = 0;
  for (size_t at = 0; at < text.size();) {
    const auto word = special_at(text, at);
    const auto special = word.empty() ? ids_.end() : ids_.find(std::string(word));
    if (special == ids_.end()) {
      ++at;
      continue;
    }
    add_text(text.substr(from, at - from), ids);
    ids.push_back(special->second);
    from = at += word.size();
  }
  add_text(text.substr(from), ids);
  ids.resize(std::min(ids.size(), max_length_ - 1));
  ids.push_back(end_);
  ids.resize(max_length_, padding_);
  return ids;
}

void WordPieces::add_text(const std::string& text, std::vector<int64_t>& ids) const {
  std::u32string word;
  const auto finish = [&] {
    if (!word.empty()) add_word(word, ids);
    word.clear();
  };
  for (const char32_t c : unicode::fold(cleaned(unicode::decode(text)))) {
    if (unicode::is_white_space(c)) {
      finish();
    } else if (splits_words(c)) {
      finish();
      add_word({c}, ids);
    } else {
      word += c;
    }
  }
  finish();
}

void WordPieces::add_word(const std::u32string& word, std::vector<int64_t>& ids) const {
  if (word.size() > kMostCharacters) return ids.push_back(unknown_);
  std::vector<int64_t> pieces;
  for (size_t begin = 0; begin < word.size();) {
    const std::string mark = begin > 0 ? "##" : "";
    size_t end = word.size();
    auto piece = ids_.end();
    for (; end > begin && piece == ids_.end(); --end)
      piece = ids_.find(mark + unicode::encode(std::u32string_view(word).substr(begin, end - begin)));
    if (piece == ids_.end()) return ids.push_back(unknown_);
    pieces.push_back(piece->second);
    begin = end + 1;
  }
  ids.insert(ids.end(), pieces.begin(), pieces.end());
}

}  // namespace kizu::ldm
