#include "layers/gradient.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

namespace kizu::layers {
namespace {

namespace autograd = torch::autograd;

struct OwnLoops : autograd::Node {
  OwnLoops(autograd::edge_list&& next, InputGradients gradients)
      : Node(std::move(next)), backward(std::move(gradients)) {}

  autograd::variable_list apply(autograd::variable_list&& gradients) override {
    TORCH_CHECK(backward, "layers: a second pass back through the same graph");
    TORCH_CHECK(!torch::GradMode::is_enabled(),
                "layers: gradients of gradients; compute with layers::Exact or kizu --exact");
    if (!gradients[0].defined()) return autograd::variable_list(num_outputs());
    return backward(gradients[0]);
  }

  void release_variables() override { backward = nullptr; }

  InputGradients backward;
};

}  // namespace

torch::Tensor with_gradient(torch::Tensor output, const std::vector<torch::Tensor>& inputs,
                            InputGradients backward) {
  if (!torch::GradMode::is_enabled()) return output;
  bool wanted = false;
  for (const auto& input : inputs) wanted = wanted || (input.defined() && input.requires_grad());
  if (!wanted) return output;
  const std::shared_ptr<OwnLoops> node(
      new OwnLoops(autograd::collect_next_edges(inputs), std::move(backward)), autograd::deleteNode);
  autograd::set_history(output, node);
  return output;
}

Kept::Kept(const torch::Tensor& tensor) : tensor_(tensor.detach()), state_(tensor_) {}

const torch::Tensor& Kept::get() const {
  TORCH_CHECK(TensorState(tensor_) == state_, "layers: a tensor that the backward pass reads was written to");
  return tensor_;
}

}  // namespace kizu::layers
