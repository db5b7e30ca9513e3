#pragma once
#include <torch/torch.h>

namespace kizu::layers {

/// torch's group norm. Where fast_path allows, sums are taken in float64 and the output is channels-last.
/// Where gradients are recorded that needs frozen weights.
class GroupNormImpl : public torch::nn::GroupNormImpl {
 public:
  using torch::nn::GroupNormImpl::GroupNormImpl;
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W]

 protected:
  torch::Tensor run(const torch::Tensor& x, bool silu) const;
};
TORCH_MODULE(GroupNorm);

/// Group norm and SiLU in one.
class GroupNormSiLUImpl : public GroupNormImpl {
 public:
  using GroupNormImpl::GroupNormImpl;
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W]
};
TORCH_MODULE(GroupNormSiLU);

}  // namespace kizu::layers
