#include "anomaly/transplant.h"

#include <cmath>

#include "anomaly/blending.h"
#include "anomaly/contrast_matching.h"
#include "anomaly/mask_variation.h"
#include "core/error.h"
#include "tensor/convert.h"

namespace kizu::anomaly {
namespace {

constexpr int64_t kAroundFrom = 3, kAroundTo = 9;  // px of the canvas around the mask, to compare brightness

/// [3, 1, 1]
torch::Tensor mean_where(const torch::Tensor& picture, const torch::Tensor& where) {
  return mean_change(picture, where).view({-1, 1, 1});
}

/// 1 within the mask, falling to about a third at its edge, 0 outside.
torch::Tensor soft(const torch::Tensor& mask) {
  return mask * torch::avg_pool2d(mask.unsqueeze(0), {3, 3}, {1, 1}, {1, 1})[0];
}

/// Where in the shot, as grid_sample has it, each canvas pixel comes from: [1, canvas, canvas, 2].
torch::Tensor origin_grid(const Donor& donor, const Window& window) {
  const Pose& pose = donor.pose;
  const Stencil stencil = cut_out(donor.shot->mask);
  const double angle = pose.angle * M_PI / 180, c = std::cos(angle), s = std::sin(angle);
  const auto along = (torch::arange(window.canvas, torch::kFloat64) + 0.5) * window.side / window.canvas;
  const auto x = (along + window.x - stencil.photo_x - pose.dx).unsqueeze(0);  // from the anchor
  const auto y = (along + window.y - stencil.photo_y - pose.dy).unsqueeze(1);
  const auto u = (c * x + s * y) / (pose.scale * (pose.flip_x ? -1 : 1)) + stencil.photo_x;
  const auto v = (c * y - s * x) / (pose.scale * (pose.flip_y ? -1 : 1)) + stencil.photo_y;
  const auto both =
      torch::stack({2 * u / donor.shot->mask.width - 1, 2 * v / donor.shot->mask.height - 1}, -1);
  return both.unsqueeze(0).to(torch::kFloat32);
}

}  // namespace

Pose Pose::of(const Json& origin) {
  try {
    const auto flip = origin.at("flip").get<std::string>();
    return {flip == "horizontal" || flip == "both", flip == "vertical" || flip == "both",
            origin.at("angle").get<double>(),       origin.at("scale").get<double>(),
            origin.at("dx").get<double>(),          origin.at("dy").get<double>()};
  } catch (const Json::exception&) {
    throw Error("masks.json: a mask's origin has no flip, angle, scale, dx or dy; run kizu masks again");
  }
}

torch::Tensor transplant(const Donor& donor, const torch::Tensor& good, const torch::Tensor& mask,
                         const Window& window) {
  namespace F = torch::nn::functional;
  const auto seen = F::grid_sample(
      to_pm1(donor.shot->image).unsqueeze(0), origin_grid(donor, window),
      F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(false))[0];
  const auto ring = dilate(mask, kAroundTo) - dilate(mask, kAroundFrom);
  const double gain = light_at(good, ring) / light_at(seen, ring);
  const auto matched = gain * (seen - mean_where(seen, ring)) + mean_where(good, ring);
  return good + soft(mask) * (matched.clamp(-1, 1) - good);
}

}  // namespace kizu::anomaly
