#pragma once
#include <torch/torch.h>

#include <vector>

namespace kizu::layers {

/// A group norm's input with what its forward pass found, per channel of every picture.
struct NormKept {
  torch::Tensor x;                  ///< [B, C, H, W], channels-last
  std::vector<float> scale, shift;  ///< [B * C]: x scale + shift has mean 0 and variance 1 in its group
  std::vector<float> weight, bias;  ///< [C]
  int64_t groups = 1;
  bool silu = false;
};

/// The gradient of the input from that of the output; sums are taken in float64.
torch::Tensor group_norm_gradient(const torch::Tensor& gradient, const NormKept& kept);

}  // namespace kizu::layers
