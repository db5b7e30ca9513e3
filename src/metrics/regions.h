#pragma once
#include <cstdint>
#include <vector>

namespace kizu::metrics {

/// Numbers the 8-connected regions of the non-zero pixels of a row-major mask [height * width]: 0 is
/// background, the regions are 1, 2, ... in the order of their first pixel. Returns how many there are.
/// Linear time.
uint32_t label_regions(int width, int height, const std::vector<uint8_t>& mask,
                       std::vector<uint32_t>& labels);

}  // namespace kizu::metrics
