#include "anomaly/contrast_matching.h"

namespace kizu::anomaly {
namespace {

constexpr double kMostShift = 1;         // of the 2 between black and white
constexpr double kBelowBlack = 0.25;     // of the 2 between black and white
constexpr double kMostEmphasis = 2;      // times the mean strength
constexpr double kLeastStrength = 0.01;  // mean change below which nothing was drawn that could be followed

}  // namespace

torch::Tensor mean_change(const torch::Tensor& difference, const torch::Tensor& mask) {
  return (difference * mask).sum({1, 2}) / mask.sum().clamp_min(1);
}

torch::Tensor light_of(const torch::Tensor& picture) {
  return picture.mean(0) + (1 + kBelowBlack);
}

double light_at(const torch::Tensor& picture, const torch::Tensor& mask) {
  return light_of(mean_change(picture, mask)).item<double>();
}

torch::Tensor match_change(const torch::Tensor& difference, const torch::Tensor& mask,
                           const torch::Tensor& target, double amount) {
  const auto strength = difference.abs().mean(0, true);  // [1, H, W]
  const auto mean_strength = mean_change(strength, mask);
  if (amount == 0 || mean_strength.item<double>() < kLeastStrength) return difference;
  auto emphasis = (strength / mean_strength).clamp_max(kMostEmphasis);
  emphasis = emphasis / mean_change(emphasis, mask).view({1, 1, 1});
  const auto shift = (amount * (target - mean_change(difference, mask))).clamp(-kMostShift, kMostShift);
  return difference + emphasis * shift.view({3, 1, 1});
}

}  // namespace kizu::anomaly
