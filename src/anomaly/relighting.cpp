#include "anomaly/relighting.h"

#include "anomaly/contrast_matching.h"

namespace kizu::anomaly {
namespace {

/// [n, 3]: 1 and where each pixel (its index in the flat canvas) lies, in units of half the extent of them
/// all.
torch::Tensor positions(const torch::Tensor& pixels, int64_t canvas, const torch::Tensor& of) {
  const auto place = [&](const torch::Tensor& at) {
    return torch::stack({at.remainder(canvas), at.div(canvas, "floor")}, 1).to(torch::kFloat64);
  };
  const auto all = place(of);
  const auto low = std::get<0>(all.min(0)), high = std::get<0>(all.max(0));
  const auto scale = (high - low).max().clamp_min(1) / 2;
  const auto centred = (place(pixels) - (low + high) / 2) / scale;
  return torch::cat({torch::ones({pixels.size(0), 1}, torch::kFloat64), centred}, 1);
}

/// The plane [3, pixels] through most of the differences [3, n] at `from` [n, 3], read at `to` [pixels, 3].
/// Differences far from the usual ones are left out: something lies there in one of the photos alone.
torch::Tensor plane_through(const torch::Tensor& differences, const torch::Tensor& from,
                            const torch::Tensor& to) {
  constexpr double kUsual = 6, kLeastUsual = 0.02;  // times the median deviation, and so much more
  constexpr double kStiff = 0.05;                   // no slope where the ring is too narrow to tell one
  const auto rest = (differences - std::get<0>(differences.median(1, true))).mean(0).abs();
  const auto usual = (rest <= kUsual * rest.median() + kLeastUsual).to(torch::kFloat64).unsqueeze(1);
  const auto weighted = (from * usual).t();
  auto normal = weighted.mm(from);
  normal.diagonal().slice(0, 1) += kStiff * normal[0][0];
  const auto plane = at::linalg_solve(normal, weighted.mm(differences.t().to(torch::kFloat64)));  // [3, 3]
  return to.mm(plane).t().to(torch::kFloat32);
}

}  // namespace

torch::Tensor relit(const torch::Tensor& seen, const torch::Tensor& good, const torch::Tensor& ring) {
  const int64_t canvas = seen.size(2);
  const auto there = torch::nonzero(ring[0].flatten() > 0).flatten();
  if (there.numel() == 0) return seen;
  const auto in_ring = [&](const torch::Tensor& picture) {
    return picture.flatten(1).index_select(1, there);
  };
  const auto of_good = in_ring(good), of_seen = in_ring(seen);
  const auto gain = (light_of(of_good) / light_of(of_seen)).median();
  const auto everywhere = torch::arange(canvas * canvas);
  const auto shift = plane_through(of_good - gain * of_seen, positions(there, canvas, there),
                                   positions(everywhere, canvas, there));
  return gain * seen + shift.view_as(seen);
}

}  // namespace kizu::anomaly
