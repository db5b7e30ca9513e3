#pragma once
#include <torch/torch.h>

#include <functional>

#include "layers/tensor_state.h"

namespace kizu::layers {

/// The gradients of a layer's inputs from that of its output, in the order of the inputs; one that nobody
/// asked for may be undefined.
using InputGradients = std::function<std::vector<torch::Tensor>(const torch::Tensor& gradient)>;

/// `output`, which was computed from `inputs` without recording, as a tensor that gradients pass through:
/// where they are recorded and an input wants one. Gradients of these gradients are refused.
torch::Tensor with_gradient(torch::Tensor output, const std::vector<torch::Tensor>& inputs,
                            InputGradients backward);

/// A tensor for the backward pass, which throws if it has been written to meanwhile.
class Kept {
 public:
  explicit Kept(const torch::Tensor& tensor);
  const torch::Tensor& get() const;

 private:
  torch::Tensor tensor_;
  TensorState state_;
};

}  // namespace kizu::layers
