#pragma once
#include <torch/torch.h>

namespace kizu::layers {

/// Mixed precision as this thread has it. libtorch's own functions for it changed their names.
struct MixedPrecision {
  bool gpu = false, cpu = false;
  torch::ScalarType gpu_type = torch::kFloat16;

  static MixedPrecision now();
  void set() const;
};

/// Runs what is inside its scope in bfloat16 where that is safe; does nothing when off.
class Autocast {
 public:
  Autocast(bool on, torch::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  MixedPrecision before_;
};

}  // namespace kizu::layers
