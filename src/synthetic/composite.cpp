#include "synthetic/composite.h"

#include "tensor/noise.h"

namespace kizu::synthetic {
namespace {

torch::Tensor warp(const torch::Tensor& image, const torch::Tensor& flow) {
  const int64_t height = image.size(2), width = image.size(3);
  const auto options = image.options();
  const auto x = torch::arange(width, options).view({1, 1, width}) + flow.select(1, 0);
  const auto y = torch::arange(height, options).view({1, height, 1}) + flow.select(1, 1);
  const auto grid = torch::stack({(x + 0.5) * (2.0 / static_cast<double>(width)) - 1,
                                  (y + 0.5) * (2.0 / static_cast<double>(height)) - 1},
                                 3);  // [B, H, W, 2]
  namespace F = torch::nn::functional;
  return F::grid_sample(image, grid,
                        F::GridSampleFuncOptions()
                            .mode(torch::kBilinear)
                            .padding_mode(torch::kReflection)
                            .align_corners(false));
}

}  // namespace

torch::Tensor composite(const torch::Tensor& normal, const Appearance& a, const torch::Tensor& mask) {
  auto image_01 = normal * 0.5 + 0.5;
  if (a.flow.defined()) image_01 = warp(image_01, a.flow);
  image_01 = image_01 * (1 + a.gain);
  image_01 = image_01 * (1 - a.alpha) + a.colour * a.alpha;
  const auto levels = torch::round(image_01.clamp(0, 1) * 255);
  return torch::where(mask > 0.5, levels / 255 * 2 - 1, normal);
}

LightJitter draw_jitter(uint64_t seed, int64_t batch, double strength, torch::Device device) {
  NoiseStream stream(mix(seed, "light jitter"));
  const auto common = stream.normal({batch, 1}), tint = stream.normal({batch, 3});
  const auto lift = stream.normal({batch, 1}), gamma = stream.normal({batch, 1});
  return {torch::exp(strength * (0.2 * common + 0.06 * tint)).to(device),
          (0.04 * strength * lift).expand({batch, 3}).contiguous().to(device),
          torch::exp(0.15 * strength * gamma).to(device)};
}

torch::Tensor apply_jitter(const torch::Tensor& images, const LightJitter& j) {
  const auto image_01 = (images * 0.5 + 0.5).clamp(1e-4, 1);
  const auto bent = image_01.pow(j.gamma.view({-1, 1, 1, 1}));
  const auto lit = bent * j.gain.view({-1, 3, 1, 1}) + j.offset.view({-1, 3, 1, 1});
  return lit.clamp(0, 1) * 2 - 1;
}

torch::Tensor visible_change(const torch::Tensor& normal, const torch::Tensor& flawed,
                             const torch::Tensor& mask) {
  const auto change = (flawed - normal).abs().mean(1, true) * 0.5 * mask;
  return change.sum({1, 2, 3}) / mask.sum({1, 2, 3}).clamp_min(1);
}

}  // namespace kizu::synthetic
