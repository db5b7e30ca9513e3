#pragma once
#include <cstddef>
#include <cstdint>

// Tables of the Unicode character database, written by tools/unicode_tables.py. What they mean is in
// unicode.cpp.
namespace kizu::ldm::unicode {

// First and last of each run of characters of a category.
extern const std::uint32_t kMarks[], kControls[], kPunctuation[], kLetters[], kNumbers[];
extern const std::size_t kMarksSize, kControlsSize, kPunctuationSize, kLettersSize, kNumbersSize;

// Rows of five: first, last, step, what the first becomes, and whether the others move along (1) or not (0).
extern const std::uint32_t kFold[], kLower[];
extern const std::size_t kFoldSize, kLowerSize;
// Rows of four: a character and the two or three that it becomes (0 for none).
extern const std::uint32_t kFoldToSeveral[];
extern const std::size_t kFoldToSeveralSize;
// What U+F900 to U+FAFF and U+2F800 to U+2FA1D become.
extern const std::uint32_t kCompatibility[0x200], kCompatibilitySupplement[0x21e];

}  // namespace kizu::ldm::unicode
