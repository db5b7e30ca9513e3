#pragma once
#include <torch/torch.h>

#include <cstdint>

namespace kizu::layers {

/// In what numbers a matrix or weight is kept; the arithmetic is always in float32.
enum class Number { kFloat32, kFloat16, kBFloat16 };

inline bool is_half(torch::ScalarType type) {
  return type == torch::kFloat16 || type == torch::kBFloat16;
}

inline Number number_of(const torch::Tensor& weight) {
  return weight.scalar_type() == torch::kFloat16    ? Number::kFloat16
         : weight.scalar_type() == torch::kBFloat16 ? Number::kBFloat16
                                                    : Number::kFloat32;
}

/// The weight in the type of the input, where a layer computes in float32 with weights kept in 16 bits.
inline torch::Tensor widened_for(const torch::Tensor& x, const torch::Tensor& weight) {
  const bool wide = weight.defined() && is_half(weight.scalar_type()) && x.scalar_type() == torch::kFloat32;
  return wide ? weight.to(torch::kFloat32) : weight;
}

}  // namespace kizu::layers
