#pragma once
#include <string>

namespace kizu::dataset {

/// The order a person expects of file names: runs of digits compare as numbers, so "2.png" comes before
/// "10.png". Everything else compares byte by byte, which for UTF-8 is the order of code points. Names that
/// differ only in leading zeros are ordered byte by byte, so that this is a strict order of all strings.
bool natural_less(const std::string& a, const std::string& b);

/// Lower case for ASCII letters; other bytes stay.
std::string lower_ascii(std::string text);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(const std::string& text);

}  // namespace kizu::dataset
