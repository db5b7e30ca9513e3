#include "inspection/window.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kizu::inspection {
namespace {

// Keeps the window's reach inside [0, extent]; centred when the photo is smaller.
double kept_inside(double centre, double reach, double extent) {
  if (2 * reach >= extent) return extent / 2;
  return std::clamp(centre, reach, extent - reach);
}

// The two pixels on either side of a place along one side of a photo (the first pixel's centre is 0) and
// their weights; 0 for what lies beyond the photo, unless the border is repeated.
struct Neighbours {
  int64_t first, second;
  float of_first, of_second;
};

Neighbours neighbours_of(double place, int64_t extent, Beyond beyond) {
  const auto end = static_cast<double>(extent - 1);
  if (beyond == Beyond::kBorder) place = std::clamp(place, 0.0, end);
  if (place <= -1 || place >= end + 1) return {0, 0, 0, 0};
  const double floor = std::floor(place);
  const auto first = static_cast<int64_t>(floor);
  const auto share = static_cast<float>(place - floor);
  return {std::max<int64_t>(first, 0), std::min(first + 1, extent - 1), first >= 0 ? 1 - share : 0,
          first + 1 < extent ? share : 0};
}

struct Plane {
  const uint8_t* pixels;
  int64_t width;
  float at(const Neighbours& x, const Neighbours& y) const {
    const uint8_t* upper = pixels + y.first * width;
    const uint8_t* lower = pixels + y.second * width;
    return y.of_first * (x.of_first * upper[x.first] + x.of_second * upper[x.second]) +
           y.of_second * (x.of_first * lower[x.first] + x.of_second * lower[x.second]);
  }
};

}  // namespace

Place Window::in_photo(Place window) const {
  const double u = window.x - 0.5 * static_cast<double>(side), v = window.y - 0.5 * static_cast<double>(side);
  return {centre.x + xx * u + xy * v, centre.y + yx * u + yy * v};
}

Place Window::in_window(Place photo) const {
  const double det = xx * yy - xy * yx, dx = photo.x - centre.x, dy = photo.y - centre.y;
  return {(yy * dx - xy * dy) / det + 0.5 * static_cast<double>(side),
          (xx * dy - yx * dx) / det + 0.5 * static_cast<double>(side)};
}

Window window_around(Place target, int64_t height, int64_t width, int64_t side, const Augmentation& allowed,
                     NoiseStream& random) {
  const double size = random.chance(0.5) ? 1.0 : 1 + random.uniform(-allowed.scale, allowed.scale);
  const double flip_x = allowed.flips && random.chance(0.5) ? -size : size;
  const double flip_y = allowed.flips && random.chance(0.5) ? -size : size;
  Window window{{0, 0}, flip_x, 0, 0, flip_y, side};
  if (allowed.quarter_turns && random.chance(0.5)) window = {{0, 0}, 0, flip_x, flip_y, 0, side};
  const auto half = 0.5 * static_cast<double>(side);
  const Place shown{half + random.uniform(-0.8, 0.8) * half, half + random.uniform(-0.8, 0.8) * half};
  const Place offset = window.in_photo(shown);
  const double reach = half * size;
  window.centre = {kept_inside(target.x - offset.x, reach, static_cast<double>(width)),
                   kept_inside(target.y - offset.y, reach, static_cast<double>(height))};
  // Whole pixels, so that at natural size nothing is resampled.
  const double part = side % 2 ? 0.5 : 0;
  window.centre = {std::floor(window.centre.x) + part, std::floor(window.centre.y) + part};
  return window;
}

torch::Tensor look(const torch::Tensor& photo, const Window& window, Beyond beyond, bool scale_255) {
  const int64_t channels = photo.size(0), height = photo.size(1), width = photo.size(2), side = window.side;
  const auto bytes = photo.to(torch::kUInt8).contiguous();
  auto view = torch::empty({channels, side, side});
  const uint8_t* from = bytes.data_ptr<uint8_t>();
  float* to = view.data_ptr<float>();
  const float unit = scale_255 ? 1.0F / 255 : 1.0F;
  const double half = 0.5 * static_cast<double>(side) - 0.5;
  const bool upright =
      window.xy == 0 && window.yx == 0;  // then all rows have the same x, all columns the same y
  std::vector<Neighbours> x(side), y(side);
  for (int64_t i = 0; i < side; i++) {
    const double v = static_cast<double>(i) - half;
    for (int64_t j = 0; j < side && (i == 0 || !upright); j++) {
      const double u = static_cast<double>(j) - half;
      x[j] = neighbours_of(window.centre.x + window.xx * u + window.xy * v - 0.5, width, beyond);
      y[j] = neighbours_of(window.centre.y + window.yx * u + window.yy * v - 0.5, height, beyond);
    }
    if (upright)
      std::fill(y.begin(), y.end(), neighbours_of(window.centre.y + window.yy * v - 0.5, height, beyond));
    for (int64_t c = 0; c < channels; c++) {
      const Plane plane{from + c * height * width, width};
      float* row = to + (c * side + i) * side;
      for (int64_t j = 0; j < side; j++) row[j] = unit * plane.at(x[j], y[j]);
    }
  }
  return view;
}

Place random_pixel_of(const torch::Tensor& mask, NoiseStream& random) {
  const auto values = mask.to(torch::kUInt8).contiguous();
  const uint8_t* at = values.data_ptr<uint8_t>();
  const int64_t pixels = values.numel(), width = values.size(2);
  const auto set = pixels - std::count(at, at + pixels, uint8_t{0});
  int64_t pixel = -1;
  for (auto left = random.below(set) + 1; left > 0; left -= at[pixel] != 0) pixel++;
  return {static_cast<double>(pixel % width) + 0.5, static_cast<double>(pixel / width) + 0.5};
}

}  // namespace kizu::inspection
