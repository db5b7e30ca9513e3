#include "inspection/window.h"

#include <algorithm>
#include <cmath>

namespace kizu::inspection {
namespace {

// Keeps the window's reach inside [0, extent]; centred when the photo is smaller.
double kept_inside(double centre, double reach, double extent) {
  if (2 * reach >= extent) return extent / 2;
  return std::clamp(centre, reach, extent - reach);
}

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
  const auto width = static_cast<double>(photo.size(2)), height = static_cast<double>(photo.size(1));
  const auto side = static_cast<double>(window.side);
  auto grid = torch::empty({1, window.side, window.side, 2});
  float* to = grid.data_ptr<float>();
  for (int64_t i = 0; i < window.side; i++) {
    for (int64_t j = 0; j < window.side; j++) {
      const double u = static_cast<double>(j) + 0.5 - side / 2, v = static_cast<double>(i) + 0.5 - side / 2;
      *to++ = static_cast<float>(2 * (window.centre.x + window.xx * u + window.xy * v) / width - 1);
      *to++ = static_cast<float>(2 * (window.centre.y + window.yx * u + window.yy * v) / height - 1);
    }
  }
  auto values = photo.to(torch::kFloat32).unsqueeze(0);
  if (scale_255) values = values * (1.0F / 255);
  constexpr int64_t kBilinear = 0, kZeros = 0, kRepeat = 1;
  return torch::grid_sampler_2d(values, grid, kBilinear, beyond == Beyond::kZero ? kZeros : kRepeat,
                                false)[0];
}

Place random_pixel_of(const torch::Tensor& mask, NoiseStream& random) {
  const auto pixels = torch::nonzero(mask[0]);  // [n, 2]
  const auto pixel = pixels[random.below(pixels.size(0))];
  return {static_cast<double>(pixel[1].item<int64_t>()) + 0.5,
          static_cast<double>(pixel[0].item<int64_t>()) + 0.5};
}

}  // namespace kizu::inspection
