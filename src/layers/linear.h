#pragma once
#include <torch/torch.h>

#include "layers/prepared.h"

namespace kizu::layers {

/// torch's linear layer with the weights ordered once (prepared.h) where fast_path allows.
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  torch::Tensor forward(const torch::Tensor& x);  // [..., in] -> [..., out]
  /// sum + forward(x).
  torch::Tensor add_to(const torch::Tensor& sum, const torch::Tensor& x);

 private:
  torch::Tensor run(const torch::Tensor& x, const torch::Tensor& sum);
  Prepared prepared_;
};
TORCH_MODULE(Linear);

/// value * gelu(gate), the exact GELU, of [..., 2 n], values first -> [..., n].
torch::Tensor geglu(const torch::Tensor& x);

}  // namespace kizu::layers
