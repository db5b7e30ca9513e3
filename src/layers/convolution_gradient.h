#pragma once
#include <torch/torch.h>

#include "layers/product.h"

namespace kizu::layers {

/// The gradient of a convolution's input [batch, channels, H, W], channels-last, from that of its output
/// [batch, out, H', W'] and the weight in the order in which the forward pass reads it.
/// `patches` tells the shape (its map is not read).
torch::Tensor convolution_gradient(const torch::Tensor& gradient, const PackedMatrix& weight,
                                   const Patches& patches);
/// The same for a quick convolution.
torch::Tensor quick_gradient(const torch::Tensor& gradient, const PackedMatrix& weight, int64_t channels);

/// `into` [batch, H, W, channels] += or = (first) the gradient of a convolution with stride 1.
void add_stride_1_gradient(const torch::Tensor& gradient, const PackedMatrix& weight, const Patches& patches,
                           bool first, const torch::Tensor& into);

}  // namespace kizu::layers
