#include "metrics/regions.h"

#include <algorithm>
#include <cstring>

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

// Gives the last run the label of what touches it, corners included, among the runs of the row above: these
// are runs[above] .. runs[here - 1]. One that ends left of the last run's first corner touches no later run
// either: returns the first that may.
std::size_t connect(std::vector<Run>& runs, std::size_t above, std::size_t here, std::size_t width,
                    std::vector<uint32_t>& parent) {
  Run& run = runs.back();
  while (above < here && runs[above].end + width < run.begin) above++;
  for (std::size_t i = above; i < here && runs[i].begin + width <= run.end; i++)
    run.region = run.region ? join(parent, run.region, runs[i].region) : root_of(parent, runs[i].region);
  if (run.region == 0) {
    run.region = static_cast<uint32_t>(parent.size());
    parent.push_back(run.region);
  }
  return above;
}

}  // namespace

std::size_t first_set(const std::vector<uint8_t>& mask, std::size_t begin, std::size_t end) {
  const uint8_t* at = mask.data();
  for (; begin + 8 <= end; begin += 8) {
    uint64_t eight;
    std::memcpy(&eight, at + begin, sizeof eight);
    if (eight != 0) break;
  }
  while (begin < end && at[begin] == 0) begin++;
  return begin;
}

Regions find_regions(int width, int height, const std::vector<uint8_t>& mask) {
  Regions found;
  auto& runs = found.runs;
  std::vector<uint32_t> parent{0};
  const auto wide = static_cast<std::size_t>(width);
  std::size_t above = 0;  // the first run of the row above that may touch what comes
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); y++) {
    const std::size_t end = (y + 1) * wide, first_of_row = runs.size();
    for (std::size_t x = first_set(mask, y * wide, end); x < end; x = first_set(mask, x, end)) {
      Run run{x, x, 0};
      while (run.end < end && mask[run.end]) run.end++;
      x = run.end;
      runs.push_back(run);
      above = connect(runs, above, first_of_row, wide, parent);
    }
    above = first_of_row;
  }
  std::vector<uint32_t> number(parent.size(), 0);
  for (uint32_t i = 1; i < parent.size(); i++) {
    const uint32_t root = root_of(parent, i);
    number[i] = root == i ? ++found.count : number[root];
  }
  for (auto& run : runs) run.region = number[run.region];
  return found;
}

}  // namespace kizu::metrics
