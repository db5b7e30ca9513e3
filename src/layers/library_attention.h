#pragma once
#include <torch/torch.h>

namespace kizu::layers {

/// Whether libtorch computes an attention in one piece: from version 2 on.
bool has_library_attention();
/// As attend (attend.h), without factors, computed by libtorch: on a GPU by the kernel that suits it, which
/// never has all similarities in memory. Throws where there is none.
torch::Tensor library_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                int64_t heads, const torch::Tensor& bias = {});

}  // namespace kizu::layers
