#include "tensor/noise.h"

#include <cmath>

namespace kizu {

uint64_t NoiseStream::bits() {
  state_ += 0x9E3779B97F4A7C15ull;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

double NoiseStream::uniform() {
  return static_cast<double>(bits() >> 11) * 0x1.0p-53;
}

double NoiseStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(6.283185307179586476925 * uniform());
}

torch::Tensor NoiseStream::normal(at::IntArrayRef shape) {
  auto out = torch::empty(shape, torch::kFloat32);
  float* values = out.data_ptr<float>();
  const int64_t n = out.numel();
  for (int64_t i = 0; i + 1 < n; i += 2) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    const double angle = 6.283185307179586476925 * uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  if (n % 2) values[n - 1] = static_cast<float>(normal());
  return out;
}

torch::Tensor NoiseStream::uniform_tensor(at::IntArrayRef shape) {
  auto out = torch::empty(shape, torch::kFloat32);
  float* values = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); i++) values[i] = static_cast<float>(bits() >> 40) * 0x1.0p-24f;
  return out;
}

uint64_t mix(uint64_t seed, std::string_view name, uint64_t index) {
  uint64_t h = 0xCBF29CE484222325ull;
  for (const unsigned char c : name) h = (h ^ c) * 0x100000001B3ull;
  NoiseStream stream(seed + h * 3 + index * 0xD1342543DE82EF95ull);
  stream.bits();
  return stream.bits() ^ NoiseStream(h + index).bits();
}

}  // namespace kizu
