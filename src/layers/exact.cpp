#include "layers/exact.h"

#include <ATen/autocast_mode.h>

#include <atomic>

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

bool fast_path(std::initializer_list<torch::Tensor> tensors, std::initializer_list<torch::Tensor> weights) {
  if (is_exact()) return false;
  if (torch::GradMode::is_enabled() || at::autocast::is_cpu_enabled()) return false;
  const auto fits = [](const torch::Tensor& tensor, bool or_half) {
    if (!tensor.defined()) return true;
    const auto type = tensor.scalar_type();
    return tensor.device().is_cpu() && (type == torch::kFloat32 || (or_half && is_half(type)));
  };
  for (const auto& tensor : tensors)
    if (!fits(tensor, false)) return false;
  for (const auto& weight : weights)
    if (!fits(weight, true)) return false;
  return true;
}

}  // namespace kizu::layers
