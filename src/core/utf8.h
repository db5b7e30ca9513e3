#pragma once
#include <filesystem>
#include <string>

namespace kizu {

/// A path as UTF-8, in std::string whatever the standard (C++20 has a type of its own for it).
inline std::string utf8(const std::filesystem::path& path) {
  const auto bytes = path.u8string();
  return {bytes.begin(), bytes.end()};
}

/// The same with '/' between folders everywhere.
inline std::string generic_utf8(const std::filesystem::path& path) {
  const auto bytes = path.generic_u8string();
  return {bytes.begin(), bytes.end()};
}

}  // namespace kizu
