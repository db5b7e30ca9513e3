#pragma once
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace kizu {

/// Runs what is inside its scope in bfloat16 where that is safe (mixed precision); does nothing when off.
class Autocast {
 public:
  Autocast(bool on, torch::Device device) : on_(on), gpu_(device.is_cuda()) {
    if (!on_) return;
    at::autocast::set_autocast_cache_enabled(false);  // replicas in several threads share weights
    if (gpu_) {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(true);
    } else {
      at::autocast::set_cpu_enabled(true);
    }
  }
  ~Autocast() {
    if (!on_) return;
    gpu_ ? at::autocast::set_enabled(false) : at::autocast::set_cpu_enabled(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_, gpu_;
};

}  // namespace kizu
