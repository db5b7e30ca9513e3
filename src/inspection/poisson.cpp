#include "inspection/poisson.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kizu::inspection {
namespace {

constexpr float kSettled = 0.0002F;  // largest change of a value in the last sweep: a twentieth of 1 / 255

// Values and the places that are to be found; both row-major.
struct Grid {
  int64_t height, width, channels;
  std::vector<float> values;     // [H, W, C]
  std::vector<uint8_t> unknown;  // [H, W]
};

// Half the size: the mean of what is known of each 2 x 2 pixels; unknown where nothing is.
Grid halved(const Grid& fine) {
  Grid coarse{(fine.height + 1) / 2, (fine.width + 1) / 2, fine.channels, {}, {}};
  coarse.values.assign(coarse.height * coarse.width * coarse.channels, 0);
  coarse.unknown.assign(coarse.height * coarse.width, 0);
  for (int64_t y = 0; y < coarse.height; y++) {
    for (int64_t x = 0; x < coarse.width; x++) {
      float* value = &coarse.values[(y * coarse.width + x) * coarse.channels];
      int count = 0;
      for (int64_t v = 2 * y; v < std::min(2 * y + 2, fine.height); v++) {
        for (int64_t u = 2 * x; u < std::min(2 * x + 2, fine.width); u++) {
          if (fine.unknown[v * fine.width + u]) continue;
          for (int64_t c = 0; c < fine.channels; c++)
            value[c] += fine.values[(v * fine.width + u) * fine.channels + c];
          count++;
        }
      }
      coarse.unknown[y * coarse.width + x] = count == 0;
      for (int64_t c = 0; c < fine.channels && count > 0; c++) value[c] /= static_cast<float>(count);
    }
  }
  return coarse;
}

// One sweep of successive over-relaxation over the pixels of one colour of the chessboard; the largest
// change.
float sweep(Grid& grid, float relaxation, int64_t colour) {
  float largest = 0;
  const int64_t row = grid.width * grid.channels;
  for (int64_t y = 0; y < grid.height; y++) {
    for (int64_t x = (y + colour) % 2; x < grid.width; x += 2) {
      if (!grid.unknown[y * grid.width + x]) continue;
      float* value = &grid.values[y * row + x * grid.channels];
      for (int64_t c = 0; c < grid.channels; c++) {
        float sum = 0, count = 0;
        if (x > 0) sum += value[c - grid.channels], count++;
        if (x + 1 < grid.width) sum += value[c + grid.channels], count++;
        if (y > 0) sum += value[c - row], count++;
        if (y + 1 < grid.height) sum += value[c + row], count++;
        if (count == 0) continue;
        const float change = relaxation * (sum / count - value[c]);
        value[c] += change;
        largest = std::max(largest, std::abs(change));
      }
    }
  }
  return largest;
}

void relax(Grid& grid) {
  const auto side = static_cast<float>(std::max(grid.height, grid.width));
  const float relaxation = 2 / (1 + std::sin(3.14159265F / (side + 1)));  // the best for a square
  for (int64_t i = 0; i < 4 * static_cast<int64_t>(side); i++) {
    const float change = std::max(sweep(grid, relaxation, 0), sweep(grid, relaxation, 1));
    if (change < kSettled) return;
  }
}

void solve(Grid& grid) {
  if (std::none_of(grid.unknown.begin(), grid.unknown.end(), [](uint8_t u) { return u != 0; })) return;
  if (std::min(grid.height, grid.width) > 2) {
    Grid coarse = halved(grid);
    solve(coarse);
    for (int64_t y = 0; y < grid.height; y++) {
      for (int64_t x = 0; x < grid.width; x++) {
        if (!grid.unknown[y * grid.width + x]) continue;
        const float* from = &coarse.values[(y / 2 * coarse.width + x / 2) * grid.channels];
        std::copy(from, from + grid.channels, &grid.values[(y * grid.width + x) * grid.channels]);
      }
    }
  }
  relax(grid);
}

}  // namespace

torch::Tensor membrane(const torch::Tensor& known, const torch::Tensor& unknown) {
  const auto places = (unknown[0] > 0.5).to(torch::kUInt8).contiguous();
  const auto values = (known * (1 - places.to(torch::kFloat32))).permute({1, 2, 0}).contiguous();
  Grid grid{known.size(1), known.size(2), known.size(0), {}, {}};
  grid.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  grid.unknown.assign(places.data_ptr<uint8_t>(), places.data_ptr<uint8_t>() + places.numel());
  solve(grid);
  return torch::from_blob(grid.values.data(), {grid.height, grid.width, grid.channels}, torch::kFloat32)
      .permute({2, 0, 1})
      .contiguous()
      .clone();
}

}  // namespace kizu::inspection
