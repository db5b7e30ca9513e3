#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kizu {

/// A picture in memory: rows top to bottom, channels interleaved, grey (1) or RGB (3), 8 or 16 bits a value.
/// Values are native 16-bit integers whatever the depth: 0..255 at depth 8, 0..65535 at depth 16.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 1;
  int depth = 8;
  std::vector<std::uint16_t> values;  // [height * width * channels]

  static Image blank(int width, int height, int channels, int depth = 8) {
    return {width, height, channels, depth,
            std::vector<std::uint16_t>(static_cast<std::size_t>(width) * height * channels, 0)};
  }
  std::size_t index(int x, int y, int c = 0) const {
    return (static_cast<std::size_t>(y) * width + x) * channels + c;
  }
  std::uint16_t at(int x, int y, int c = 0) const { return values[index(x, y, c)]; }
  std::uint16_t& at(int x, int y, int c = 0) { return values[index(x, y, c)]; }
  int max_value() const { return depth == 16 ? 65535 : 255; }
  bool empty() const { return values.empty(); }
};

/// Where the defect is: 1 inside, 0 outside.
struct Mask {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> values;  // [height * width], 0 or 1

  static Mask blank(int width, int height) {
    return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height, 0)};
  }
  std::uint8_t at(int x, int y) const { return values[static_cast<std::size_t>(y) * width + x]; }
  std::uint8_t& at(int x, int y) { return values[static_cast<std::size_t>(y) * width + x]; }
};

}  // namespace kizu
