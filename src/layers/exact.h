#pragma once
#include <torch/torch.h>

namespace kizu::layers {

/// Every layer of the process computes with plain ATen operators instead of our own loops (on), or chooses.
void set_exact(bool on);
/// Whether that is so, or an Exact is alive in this thread.
bool is_exact();

/// Layers that this thread calls in its scope compute with plain ATen operators: for a part that is computed
/// once without and once with gradients and must be the same both times.
class Exact {
 public:
  Exact();
  ~Exact();
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

 private:
  bool before_;
};

/// Whether our own loops compute with these tensors: float32 on the CPU, no mixed precision, and no gradient
/// for one of the weights is recorded (gradients of inputs are with_gradient's, gradient.h). `weights` may be
/// kept in 16 bits as well. Undefined tensors do not matter.
bool fast_path(std::initializer_list<torch::Tensor> inputs,
               std::initializer_list<torch::Tensor> weights = {});

}  // namespace kizu::layers
