#include "metrics/regions.h"

#include <algorithm>
#include <cstddef>

namespace kizu::metrics {
namespace {

uint32_t root_of(std::vector<uint32_t>& parent, uint32_t label) {
  while (parent[label] != label) label = parent[label] = parent[parent[label]];
  return label;
}

// Joins two provisional labels; the smaller is the root, so regions keep the order of their first pixel.
uint32_t join(std::vector<uint32_t>& parent, uint32_t a, uint32_t b) {
  a = root_of(parent, a);
  b = root_of(parent, b);
  parent[std::max(a, b)] = std::min(a, b);
  return std::min(a, b);
}

}  // namespace

uint32_t label_regions(int width, int height, const std::vector<uint8_t>& mask,
                       std::vector<uint32_t>& labels) {
  labels.assign(mask.size(), 0);
  std::vector<uint32_t> parent{0};
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      const std::size_t here = static_cast<std::size_t>(y) * width + x;
      if (!mask[here]) continue;
      uint32_t label = x > 0 ? labels[here - 1] : 0;
      for (int dx = -1; dx <= 1 && y > 0; dx++) {
        if (x + dx < 0 || x + dx >= width) continue;
        const uint32_t above = labels[here - width + dx];
        if (above) label = label ? join(parent, label, above) : above;
      }
      if (!label) {
        label = static_cast<uint32_t>(parent.size());
        parent.push_back(label);
      }
      labels[here] = label;
    }
  }
  std::vector<uint32_t> number(parent.size(), 0);
  uint32_t count = 0;
  for (uint32_t i = 1; i < parent.size(); i++) {
    const uint32_t root = root_of(parent, i);
    number[i] = root == i ? ++count : number[root];
  }
  for (auto& label : labels) label = number[label];
  return count;
}

}  // namespace kizu::metrics
