#pragma once
#include <torch/torch.h>

#include "layers/prepared.h"

namespace kizu::layers {

/// torch's convolution with the weights ordered once (prepared.h) where fast_path allows; its outputs are
/// then channels-last. Where gradients are recorded that needs frozen weights in float32. Dilated and grouped
/// ones are always torch's own. Weights may be kept in 16 bits beside float32 inputs: they are widened,
/// exactly, when they are read.
class Conv2dImpl : public torch::nn::Conv2dImpl {
 public:
  using torch::nn::Conv2dImpl::Conv2dImpl;
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W] -> [B, C', H', W']
  /// sum + forward(x).
  torch::Tensor add_to(const torch::Tensor& sum, const torch::Tensor& x);

 private:
  bool fast(const torch::Tensor& x, const torch::Tensor& sum) const;
  torch::Tensor run(const torch::Tensor& x, const torch::Tensor& sum);
  torch::Tensor run_exactly(const torch::Tensor& x);
  Prepared prepared_;
};
TORCH_MODULE(Conv2d);

/// A 3x3 convolution that keeps the size, or divides it by the stride.
Conv2d conv3x3(int64_t channels, int64_t out_channels, int64_t stride = 1);

}  // namespace kizu::layers
