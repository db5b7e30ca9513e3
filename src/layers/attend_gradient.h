#pragma once
#include <torch/torch.h>

#include <vector>

namespace kizu::layers {

/// The gradients of attend (attend.h, without factors) for q, k and v from that of its output, each shaped
/// as these and contiguous. Probabilities are computed again, those of a few rows of a head at a time.
std::vector<torch::Tensor> attend_gradient(const torch::Tensor& q, const torch::Tensor& k,
                                           const torch::Tensor& v, int64_t heads, const torch::Tensor& bias,
                                           const torch::Tensor& gradient);

}  // namespace kizu::layers
