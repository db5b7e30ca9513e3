#include "ldm/attend.h"

#include <cmath>

namespace kizu::ldm {

torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, int64_t heads,
                     const AttendChanges& changes) {
  const auto by_head = [&](const torch::Tensor& y) {
    return y.reshape({y.size(0), y.size(1), heads, -1}).transpose(1, 2);  // [B, heads, N, d]
  };
  const double scale = std::sqrt(static_cast<double>(q.size(2) / heads));
  auto attention = torch::matmul(by_head(q), by_head(k).transpose(2, 3)) / scale;
  const auto& factors = changes.factors;
  if (changes.bias.defined()) attention = attention + changes.bias;
  if (factors.defined() && changes.before_softmax) attention = attention * factors.unsqueeze(1);
  attention = attention.softmax(-1);  // [B, heads, N, L]
  if (factors.defined() && !changes.before_softmax) attention = attention * factors.unsqueeze(1);
  return torch::matmul(attention, by_head(v)).transpose(1, 2).flatten(2);
}

}  // namespace kizu::ldm
