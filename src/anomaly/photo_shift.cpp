#include "anomaly/photo_shift.h"

#include <algorithm>
#include <cmath>

#include "image/transform.h"

namespace kizu::anomaly {
namespace {

constexpr int kGrid = 64;  // shifts are found on a grid of so many cells a side
constexpr int kReach = 8;  // cells

/// Brightness on the grid, with mean 0 and deviation 1.
std::vector<double> on_grid(const Image& photo) {
  const Image grey = resize(to_grey(to_8bit(photo)), kGrid, kGrid);
  std::vector<double> cells(grey.values.begin(), grey.values.end());
  double sum = 0, squares = 0;
  for (const double cell : cells) sum += cell, squares += cell * cell;
  const double mean = sum / (kGrid * kGrid);
  const double deviation = std::sqrt(std::max(1.0, squares / (kGrid * kGrid) - mean * mean));
  for (double& cell : cells) cell = (cell - mean) / deviation;
  return cells;
}

/// The shift (in cells) at which the photo matches best: photo(x + dx, y + dy) ~ typical(x, y).
std::pair<int, int> shift_between(const std::vector<double>& typical, const std::vector<double>& photo) {
  std::pair<int, int> best{0, 0};
  double least = 1e18;
  for (int dy = -kReach; dy <= kReach; dy++)
    for (int dx = -kReach; dx <= kReach; dx++) {
      double squares = 0;
      for (int y = std::max(0, -dy); y < std::min(kGrid, kGrid - dy); y++)
        for (int x = std::max(0, -dx); x < std::min(kGrid, kGrid - dx); x++) {
          const double step = typical[y * kGrid + x] - photo[(y + dy) * kGrid + x + dx];
          squares += step * step;
        }
      squares /= (kGrid - std::abs(dx)) * (kGrid - std::abs(dy));
      if (squares < least) least = squares, best = {dx, dy};
    }
  return best;
}

}  // namespace

PhotoShift PhotoShift::learn(const std::vector<Image>& photos) {
  PhotoShift shifts;
  if (photos.empty()) return shifts;
  std::vector<std::vector<double>> grids;
  for (const Image& photo : photos) grids.push_back(on_grid(photo));
  std::vector<double> typical = grids[grids.size() / 2];
  for (int round = 0; round < 2; round++) {
    std::vector<double> sum(typical.size(), 0);
    for (const auto& grid : grids) {
      const auto [dx, dy] = shift_between(typical, grid);
      for (int y = 0; y < kGrid; y++)
        for (int x = 0; x < kGrid; x++) {
          const int u = std::clamp(x + dx, 0, kGrid - 1), v = std::clamp(y + dy, 0, kGrid - 1);
          sum[y * kGrid + x] += grid[v * kGrid + u] / static_cast<double>(grids.size());
        }
    }
    typical = std::move(sum);
  }
  shifts.typical_ = std::move(typical);
  return shifts;
}

std::pair<double, double> PhotoShift::of(const Image& photo) const {
  if (typical_.empty()) return {0, 0};
  const auto [dx, dy] = shift_between(typical_, on_grid(photo));
  return {static_cast<double>(dx) / kGrid, static_cast<double>(dy) / kGrid};
}

}  // namespace kizu::anomaly
