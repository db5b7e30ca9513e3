#pragma once
#include <string>
#include <string_view>

namespace kizu::ldm::unicode {

/// UTF-8 -> characters; each byte that is no part of valid UTF-8 becomes U+FFFD.
std::u32string decode(std::string_view text);
std::string encode(std::u32string_view text);

bool is_white_space(char32_t c);  ///< property White_Space
bool is_control(char32_t c);      ///< categories Cc, Cf, Co
bool is_punctuation(char32_t c);  ///< categories P*
bool is_letter(char32_t c);       ///< categories L*
bool is_number(char32_t c);       ///< categories N*

/// Lower case without accents: canonical decomposition (NFD), nonspacing marks (Mn) left out, each character
/// in lower case.
std::u32string fold(std::u32string_view text);
/// Each character in lower case; accents stay.
std::u32string lower(std::u32string_view text);

}  // namespace kizu::ldm::unicode
