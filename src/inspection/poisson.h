#pragma once
#include <torch/torch.h>

namespace kizu::inspection {

/// The smooth surface through known values: `known` [C, H, W] float32 where `unknown` [1, H, W] is 0; where
/// it is 1 the solution of Laplace's equation that meets the known values at the region's edge (and has no
/// slope across the border of the picture). Adding it to a picture's own values is Poisson blending (Perez et
/// al. 2003, in the membrane form of Farbman et al. 2009). Coarse grids give the first guess, so the time is
/// about linear in the pixels. All unknown: zeros.
torch::Tensor membrane(const torch::Tensor& known, const torch::Tensor& unknown);

}  // namespace kizu::inspection
