#pragma once
#include <torch/torch.h>

namespace kizu {

/// Of each cell of [(B,) C, H, W], over the square of (2 radius + 1)^2 cells around it, as far as it lies
/// inside. Taken along the rows, then along the columns: the work grows with the square's side, not with its
/// area.

/// The largest: grows a mask.
torch::Tensor dilate(const torch::Tensor& mask, int64_t radius);
/// The mean.
torch::Tensor mean_near(const torch::Tensor& picture, int64_t radius);

}  // namespace kizu
