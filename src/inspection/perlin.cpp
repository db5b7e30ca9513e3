#include "inspection/perlin.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kizu::inspection {
namespace {

double fade(double t) {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

double blend(double a, double b, double t) {
  return a + (b - a) * t;
}

int64_t random_cells(NoiseStream& random) {
  return int64_t{1} << (1 + random.below(5));
}  // 2, 4, ... 32

torch::Tensor mask_of(const torch::Tensor& noise, double area) {
  constexpr double kDraemThreshold = 0.5;
  const auto sorted = std::get<0>(noise.flatten().sort(0, /*descending=*/true));
  const int64_t pixels = noise.numel();
  constexpr int64_t kFewest = 4;
  const int64_t most =
      area > 0 ? std::max<int64_t>(kFewest, static_cast<int64_t>(area * static_cast<double>(pixels)))
               : pixels / 2;
  const int64_t wanted = std::clamp<int64_t>((noise > kDraemThreshold).sum().item<int64_t>(), kFewest, most);
  const auto threshold = sorted[std::min(wanted, pixels) - 1];
  return (noise >= threshold).to(torch::kFloat32).unsqueeze(0);
}

// The product itself made foreign: colours swapped, inverted, shifted, the picture turned.
torch::Tensor distorted(torch::Tensor texture, NoiseStream& random) {
  texture = torch::rot90(texture, random.below(4), {1, 2});
  if (random.chance(0.3)) texture = texture.flip(0);
  if (random.chance(0.3)) texture = 1 - texture;
  if (random.chance(0.3)) texture = (texture * 4).floor() / 4;
  const double contrast = random.uniform(0.5, 2.0), shift = random.uniform(-0.35, 0.35);
  return ((texture - 0.5) * contrast + 0.5 + shift).clamp(0, 1);
}

// A flat colour with noise of one scale on it.
torch::Tensor noise_texture(int64_t side, NoiseStream& random) {
  const auto noise = perlin_noise(side, random_cells(random), random_cells(random), random);
  const double strength = random.uniform(0, 0.4);
  std::vector<torch::Tensor> planes;
  const double grey = random.uniform(), colourful = random.chance(0.5) ? 0.3 : 0;
  for (int c = 0; c < 3; c++)
    planes.push_back(noise * strength + grey + random.uniform(-colourful, colourful));
  return torch::stack(planes).clamp(0, 1);
}

}  // namespace

torch::Tensor perlin_noise(int64_t side, int64_t cells_y, int64_t cells_x, NoiseStream& random) {
  std::vector<double> gx, gy;
  for (int64_t i = 0; i < (cells_y + 1) * (cells_x + 1); i++) {
    const double angle = random.uniform(0, 2 * M_PI);
    gx.push_back(std::cos(angle));
    gy.push_back(std::sin(angle));
  }
  auto noise = torch::empty({side, side});
  float* to = noise.data_ptr<float>();
  for (int64_t i = 0; i < side; i++) {
    for (int64_t j = 0; j < side; j++) {
      const double y =
          (static_cast<double>(i) + 0.5) / static_cast<double>(side) * static_cast<double>(cells_y);
      const double x =
          (static_cast<double>(j) + 0.5) / static_cast<double>(side) * static_cast<double>(cells_x);
      const auto row = static_cast<int64_t>(y), column = static_cast<int64_t>(x);
      const double fy = y - static_cast<double>(row), fx = x - static_cast<double>(column);
      const auto corner = [&](int64_t dy, int64_t dx) {
        const int64_t at = (row + dy) * (cells_x + 1) + column + dx;
        return gx[at] * (fx - static_cast<double>(dx)) + gy[at] * (fy - static_cast<double>(dy));
      };
      const double top = blend(corner(0, 0), corner(0, 1), fade(fx));
      const double bottom = blend(corner(1, 0), corner(1, 1), fade(fx));
      *to++ = static_cast<float>(M_SQRT2 * blend(top, bottom, fade(fy)));
    }
  }
  return noise;
}

Sample perlin_defect(const torch::Tensor& good, const torch::Tensor& other, double area,
                     NoiseStream& random) {
  const int64_t side = good.size(2);
  const auto mask = mask_of(perlin_noise(side, random_cells(random), random_cells(random), random), area);
  const auto texture = random.chance(0.5) ? distorted(other, random) : noise_texture(side, random);
  const double kept = random.uniform(0, 0.8);
  return {torch::where(mask > 0, kept * good + (1 - kept) * texture, good), mask};
}

}  // namespace kizu::inspection
