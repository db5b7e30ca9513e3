#include "ldm/unicode.h"

#include <algorithm>

#include "ldm/unicode_tables.h"

namespace kizu::ldm::unicode {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Whether c lies in one of the sorted runs [first, last].
bool in_runs(const std::uint32_t* runs, std::size_t size, char32_t c) {
  const auto* after = std::upper_bound(runs, runs + size, c);
  const auto before = after - runs;  // numbers that are not larger than c
  return before % 2 == 1 || (before > 0 && runs[before - 1] == c);
}

/// What c becomes by rows of five (unicode_tables.h); c itself where no row has it.
char32_t by_rows(const std::uint32_t* rows, std::size_t size, char32_t c) {
  std::size_t low = 0, high = size / 5;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    rows[5 * middle] <= c ? low = middle + 1 : high = middle;
  }
  if (low == 0) return c;
  const std::uint32_t* row = rows + 5 * (low - 1);
  if (c <= row[1] && (c - row[0]) % row[2] == 0) return row[3] + (row[4] ? c - row[0] : 0);
  return c;
}

void fold_into(std::u32string& out, char32_t c) {
  if (in_runs(kMarks, kMarksSize, c)) return;
  if (c >= 0xAC00 && c <= 0xD7A3) {  // Hangul syllables (The Unicode Standard, section 3.12)
    const char32_t index = c - 0xAC00;
    out += {static_cast<char32_t>(0x1100 + index / 588), static_cast<char32_t>(0x1161 + index % 588 / 28)};
    if (index % 28 != 0) out += 0x11A7 + index % 28;
    return;
  }
  if (c >= 0xF900 && c <= 0xFAFF) {
    out += kCompatibility[c - 0xF900];
    return;
  }
  if (c >= 0x2F800 && c <= 0x2FA1D) {
    out += kCompatibilitySupplement[c - 0x2F800];
    return;
  }
  for (std::size_t i = 0; i < kFoldToSeveralSize; i += 4)
    if (kFoldToSeveral[i] == c) {
      for (std::size_t j = 1; j < 4 && kFoldToSeveral[i + j] != 0; ++j) out += kFoldToSeveral[i + j];
      return;
    }
  out += by_rows(kFold, kFoldSize, c);
}

/// Length of the character that begins at text[at], and the character; length 0 where it is not valid.
std::size_t character_at(std::string_view text, std::size_t at, char32_t& c) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80       ? 1
                             : first >> 5 == 6  ? 2
                             : first >> 4 == 14 ? 3
                             : first >> 3 == 30 ? 4
                                                : 0;
  if (length == 0 || length > text.size() - at) return 0;
  c = length == 1 ? first : first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) return 0;
    c = c << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return c < kLeast[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : length;
}

}  // namespace

std::u32string decode(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    char32_t c = kReplacement;
    const std::size_t length = character_at(text, at, c);
    out += length == 0 ? kReplacement : c;
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string encode(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr unsigned kFirst[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(kFirst[more] | c >> (6 * more));
    for (int i = more; i-- > 0;) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
  }
  return out;
}

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_control(char32_t c) {
  return in_runs(kControls, kControlsSize, c);
}

bool is_punctuation(char32_t c) {
  return in_runs(kPunctuation, kPunctuationSize, c);
}

bool is_letter(char32_t c) {
  return in_runs(kLetters, kLettersSize, c);
}

bool is_number(char32_t c) {
  return in_runs(kNumbers, kNumbersSize, c);
}

std::u32string fold(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) fold_into(out, c);
  return out;
}

std::u32string lower(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) out += by_rows(kLower, kLowerSize, c);
  return out;
}

}  // namespace kizu::ldm::unicode
