#include "layers/mixed_precision.h"

#include <ATen/autocast_mode.h>

namespace kizu::layers {

// The names of libtorch 1.13 are gone from newer ones, those below came with 2.4.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)

MixedPrecision MixedPrecision::now() {
  return {at::autocast::is_autocast_enabled(at::kCUDA), at::autocast::is_autocast_enabled(at::kCPU),
          at::autocast::get_autocast_dtype(at::kCUDA)};
}

void MixedPrecision::set() const {
  at::autocast::set_autocast_enabled(at::kCUDA, gpu);
  at::autocast::set_autocast_enabled(at::kCPU, cpu);
  at::autocast::set_autocast_dtype(at::kCUDA, gpu_type);
}

#else

MixedPrecision MixedPrecision::now() {
  return {at::autocast::is_enabled(), at::autocast::is_cpu_enabled(), at::autocast::get_autocast_gpu_dtype()};
}

void MixedPrecision::set() const {
  at::autocast::set_enabled(gpu);
  at::autocast::set_cpu_enabled(cpu);
  at::autocast::set_autocast_gpu_dtype(gpu_type);
}

#endif

Autocast::Autocast(bool on, torch::Device device) : before_(MixedPrecision::now()) {
  if (!on) return;
  at::autocast::set_autocast_cache_enabled(false);  // replicas in several threads share weights
  auto own = before_;
  if (device.is_cuda()) {
    own.gpu = true;
    own.gpu_type = torch::kBFloat16;
  } else {
    own.cpu = true;  // its type is bfloat16 unless somebody asked for another
  }
  own.set();
}

Autocast::~Autocast() {
  before_.set();
}

}  // namespace kizu::layers
