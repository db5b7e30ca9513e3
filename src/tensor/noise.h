#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <string_view>

namespace kizu {

/// A stream of random numbers that depends on its seed alone: the same on every machine, thread and libtorch.
/// Uniform bits are splitmix64; normals are Box-Muller in double, rounded once to float.
class NoiseStream {
 public:
  explicit NoiseStream(uint64_t seed) : state_(seed) {}
  uint64_t bits();
  /// Uniform in [0, 1).
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform integer in [0, n).
  int64_t below(int64_t n) { return static_cast<int64_t>(uniform() * static_cast<double>(n)); }
  bool chance(double p) { return uniform() < p; }
  double normal();
  /// float32 CPU tensor of standard normals, filled in row-major order.
  torch::Tensor normal(at::IntArrayRef shape);
  /// float32 CPU tensor uniform in [0, 1).
  torch::Tensor uniform_tensor(at::IntArrayRef shape);

 private:
  uint64_t state_;
};

/// The seed of a named sub-stream: mix(seed, "pair", 17) never collides in practice with mix(seed, "mask",
/// 17).
uint64_t mix(uint64_t seed, std::string_view name, uint64_t index = 0);

}  // namespace kizu
