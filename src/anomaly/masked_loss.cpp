#include "anomaly/masked_loss.h"

namespace kizu::anomaly {
namespace F = torch::nn::functional;

torch::Tensor resize_mask(const torch::Tensor& mask, int64_t height, int64_t width, MaskResize how) {
  if (how == MaskResize::kCoverage) return torch::adaptive_avg_pool2d(mask, {height, width});
  return F::interpolate(mask, F::InterpolateFuncOptions()
                                  .size(std::vector<int64_t>{height, width})
                                  .mode(torch::kBilinear)
                                  .align_corners(false));
}

torch::Tensor latent_mask(const torch::Tensor& mask, int64_t height, int64_t width, MaskResize how) {
  const auto soft = resize_mask(mask, height, width, how);
  return (how == MaskResize::kCoverage ? soft > 0 : soft >= 0.5).to(mask.scalar_type());
}

torch::Tensor masked_loss(const torch::Tensor& predicted, const torch::Tensor& target,
                          const torch::Tensor& mask, const MaskedLossOptions& options) {
  const auto plain = [&] { return (predicted - target).square().mean({1, 2, 3}); };
  if (!mask.defined()) return plain();
  // Both sides are multiplied, not the square: this is what the reference computes for a fractional mask as
  // well.
  const auto error = (predicted * mask - target * mask).square();
  auto loss = error.mean({1, 2, 3});
  if (options.per_area) loss = loss / mask.square().mean({1, 2, 3}).clamp_min(1e-6);
  if (options.whole != 0) loss = loss + options.whole * plain();
  return loss;
}

}  // namespace kizu::anomaly
