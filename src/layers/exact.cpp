#include "layers/exact.h"

#include <ATen/autocast_mode.h>

#include <atomic>

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

bool fast_path(std::initializer_list<torch::Tensor> tensors) {
  if (is_exact()) return false;
  if (torch::GradMode::is_enabled() || at::autocast::is_cpu_enabled()) return false;
  for (const auto& tensor : tensors) {
    if (!tensor.defined()) continue;
    if (!tensor.device().is_cpu() || tensor.scalar_type() != torch::kFloat32) return false;
  }
  return true;
}

}  // namespace kizu::layers
