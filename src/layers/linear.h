#pragma once
#include <torch/torch.h>

#include <deque>

#include "layers/prepared.h"

namespace kizu::layers {

/// What a layer gave for the last few inputs, as long as those and its weights are the same.
class FixedInputs {
 public:
  torch::Tensor find(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias);
  void keep(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
            const torch::Tensor& output);

 private:
  struct Output {
    TensorState input, weight, bias;
    torch::Tensor output;
  };
  std::mutex mutex_;
  std::deque<Output> outputs_;
};

/// torch's linear layer with the weights ordered once (prepared.h) where fast_path allows. Weights may be
/// kept in 16 bits beside float32 inputs. Where gradients are recorded they must be frozen and in float32;
/// only x and sum are given theirs then.
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  torch::Tensor forward(const torch::Tensor& x);  // [..., in] -> [..., out]
  /// sum + forward(x).
  torch::Tensor add_to(const torch::Tensor& sum, const torch::Tensor& x);
  /// forward(x) for an input that comes again and again, such as the context of all steps of a picture: where
  /// fast_path allows it is computed once. Nobody may write to the output.
  torch::Tensor of_fixed(const torch::Tensor& x);

 private:
  torch::Tensor run(const torch::Tensor& x, const torch::Tensor& sum);
  torch::Tensor run_exactly(const torch::Tensor& x) const;
  Prepared prepared_;
  FixedInputs fixed_;
};
TORCH_MODULE(Linear);

/// value * gelu(gate), the exact GELU, of [..., 2 n], values first -> [..., n].
torch::Tensor geglu(const torch::Tensor& x);

}  // namespace kizu::layers
