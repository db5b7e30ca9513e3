#pragma once
#include <torch/torch.h>

namespace kizu::inspection {

/// factor * gain * (weight - mean) / sqrt(sum of (weight - mean)^2 + 1e-6) for each filter of `weight` [O, I,
/// k, k], with gradients to weight and gain [O]; the result is channels-last. CPU and float32 only.
torch::Tensor standardised(const torch::Tensor& weight, const torch::Tensor& gain, double factor);

/// `small` [N, C, h, w] enlarged twofold, each pixel to four, + share * `large` [N, C, 2h, 2w], with
/// gradients to both; channels-last. CPU and float32 only.
torch::Tensor enlarged_plus(const torch::Tensor& small, const torch::Tensor& large, double share);

}  // namespace kizu::inspection
