#pragma once
#include <string>
#include <string_view>

namespace kizu {

/// A name out of a file for a message: what might steer a terminal becomes '?', what is long is cut.
inline std::string printable(std::string_view name) {
  constexpr std::size_t kMost = 200;
  std::string shown;
  for (const char c : name.substr(0, kMost)) shown += c >= ' ' && c <= '~' ? c : '?';
  return name.size() > kMost ? shown + "..." : shown;
}

}  // namespace kizu
