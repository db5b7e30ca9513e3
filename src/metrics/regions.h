#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kizu::metrics {

/// Neighbouring pixels begin..end-1 of one row that belong to one region; pixels are counted row by row.
struct Run {
  std::size_t begin = 0, end = 0;
  uint32_t region = 0;
};

/// The 8-connected regions of a mask: all their runs in the order of the pixels, and how many there are.
struct Regions {
  std::vector<Run> runs;
  uint32_t count = 0;
};

/// Numbers the 8-connected regions of the non-zero pixels of a row-major mask [height * width] 1, 2, ... in
/// the order of their first pixel. Linear time; a pixel outside costs next to nothing.
Regions find_regions(int width, int height, const std::vector<uint8_t>& mask);

/// The first non-zero pixel from `begin` on; `end` if there is none before it.
std::size_t first_set(const std::vector<uint8_t>& mask, std::size_t begin, std::size_t end);

}  // namespace kizu::metrics
