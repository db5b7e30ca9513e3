#include "layers/library_attention.h"

namespace kizu::layers {

#if TORCH_VERSION_MAJOR >= 2

bool has_library_attention() {
  return true;
}

torch::Tensor library_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                int64_t heads, const torch::Tensor& bias) {
  const auto by_head = [&](const torch::Tensor& y) {
    return y.reshape({y.size(0), y.size(1), heads, -1}).transpose(1, 2);  // [B, heads, N, d]
  };
  std::optional<torch::Tensor> mask;
  if (bias.defined()) mask = bias.to(q.scalar_type());
  return at::scaled_dot_product_attention(by_head(q), by_head(k), by_head(v), mask)
      .transpose(1, 2)
      .flatten(2);
}

#else

bool has_library_attention() {
  return false;
}

torch::Tensor library_attention(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&, int64_t,
                                const torch::Tensor&) {
  TORCH_CHECK(false, "libtorch ", TORCH_VERSION_MAJOR, " has no attention in one piece");
}

#endif

}  // namespace kizu::layers
