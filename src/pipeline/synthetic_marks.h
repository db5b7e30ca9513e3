#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace kizu::pipeline {

/// What is written into every generated picture, so that nobody takes it for a photo.
std::map<std::string, std::string> synthetic_marks(const std::string& type, std::uint64_t seed);

}  // namespace kizu::pipeline
