#include "layers/exact.h"

#include <atomic>

#include "layers/mixed_precision.h"
#include "layers/number.h"

namespace kizu::layers {
namespace {

std::atomic<bool> process_is_exact{false};
thread_local bool thread_is_exact = false;

}  // namespace

void set_exact(bool on) {
  process_is_exact = on;
}

bool is_exact() {
  return process_is_exact || thread_is_exact;
}

Exact::Exact() : before_(thread_is_exact) {
  thread_is_exact = true;
}
Exact::~Exact() {
  thread_is_exact = before_;
}

bool fast_path(std::initializer_list<torch::Tensor> inputs, std::initializer_list<torch::Tensor> weights) {
  if (is_exact() || MixedPrecision::now().cpu) return false;
  const auto in_float32 = [](const torch::Tensor& tensor) {
    return !tensor.defined() || (tensor.is_cpu() && tensor.scalar_type() == torch::kFloat32);
  };
  const auto half = [](const torch::Tensor& tensor) {
    return tensor.is_cpu() && is_half(tensor.scalar_type());
  };
  const bool recording = torch::GradMode::is_enabled();
  for (const auto& input : inputs)
    if (!in_float32(input)) return false;
  for (const auto& weight : weights) {
    if (!in_float32(weight) && !half(weight)) return false;
    if (recording && weight.defined() && weight.requires_grad()) return false;
  }
  return true;
}

}  // namespace kizu::layers
