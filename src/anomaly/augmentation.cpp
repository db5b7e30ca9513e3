#include "anomaly/augmentation.h"

#include <cmath>

namespace kizu::anomaly {
namespace {

constexpr int64_t kWorkingSide = 512;

torch::Tensor resized(const torch::Tensor& x, int64_t side) {
  if (x.size(2) == side && x.size(3) == side) return x;
  return torch::upsample_bilinear2d(x, {side, side}, false);
}

/// Turned counter-clockwise about the centre, [1, C, H, W]; nearest neighbour, zeros from outside.
torch::Tensor turned(const torch::Tensor& x, int64_t degrees) {
  const double angle = static_cast<double>(degrees) * 3.14159265358979323846 / 180;
  const auto height = static_cast<double>(x.size(2)), width = static_cast<double>(x.size(3));
  const auto theta =
      torch::tensor({std::cos(angle), -std::sin(angle), 0.0, std::sin(angle), std::cos(angle), 0.0},
                    torch::kFloat32)
          .reshape({2, 3});
  auto base = torch::ones({x.size(2), x.size(3), 3});
  base.select(2, 0).copy_(torch::linspace(-width * 0.5 + 0.5, width * 0.5 - 0.5, x.size(3)));
  base.select(2, 1).copy_(torch::linspace(-height * 0.5 + 0.5, height * 0.5 - 0.5, x.size(2)).unsqueeze(1));
  const auto half = torch::tensor({0.5 * width, 0.5 * height}, torch::kFloat32);
  const auto grid = base.reshape({1, -1, 3}).bmm((theta.t() / half).unsqueeze(0));
  constexpr int64_t kNearest = 1, kZeros = 0;
  return torch::grid_sampler_2d(x, grid.reshape({1, x.size(2), x.size(3), 2}), kNearest, kZeros, false);
}

/// First and last index along an axis where any mask is set; the whole axis where none is.
std::pair<int64_t, int64_t> extent(const torch::Tensor& set) {
  const auto where = set.nonzero();
  if (where.numel() == 0) return {0, set.numel() - 1};
  return {where.min().item<int64_t>(), where.max().item<int64_t>()};
}

}  // namespace

AugmentationDraws draws_from(NoiseStream& stream) {
  return {[&stream] { return stream.uniform(); },
          [&stream](int64_t low, int64_t high) { return low + stream.below(high - low + 1); }};
}

Augmented augment_as_published(const torch::Tensor& images, const torch::Tensor& masks, int64_t side,
                               const AugmentationDraws& draws) {
  const int64_t count = images.size(0);
  const auto both = torch::cat({resized(images, kWorkingSide), resized(masks, kWorkingSide)}, 1);
  auto pairs = both.split(1);
  for (const int64_t axis : {2, 3})
    for (auto& pair : pairs)
      if (draws.uniform() < 0.5) pair = pair.flip(axis);
  for (auto& pair : pairs) pair = turned(pair, draws.integer(0, 20));
  const auto all = torch::cat(pairs);
  const auto mask = all.slice(1, images.size(1));
  const auto [top, bottom] = extent(mask.amax({0, 1, 3}) > 0.5);
  const auto [left, right] = extent(mask.amax({0, 1, 2}) > 0.5);
  const int64_t y1 = draws.integer(0, top), x1 = draws.integer(0, left);
  // A mask of one row or column at the very corner would leave nothing.
  const int64_t y2 = std::max(y1 + 1, draws.integer(bottom, kWorkingSide));
  const int64_t x2 = std::max(x1 + 1, draws.integer(right, kWorkingSide));
  const auto cropped = resized(all.slice(2, y1, y2).slice(3, x1, x2), side);
  TORCH_CHECK(cropped.size(0) == count, "augmentation lost a pair");
  return {cropped.slice(1, 0, images.size(1)), cropped.slice(1, images.size(1))};
}

Augmented resized_pair(const torch::Tensor& images, const torch::Tensor& masks, int64_t side) {
  return {resized(images, side), resized(masks, side)};
}

}  // namespace kizu::anomaly
