#pragma once
#include <torch/torch.h>

#include "inspection/crop_paste.h"
#include "tensor/noise.h"

namespace kizu::inspection {

/// Gradient noise (Perlin 1985) [side, side] with cells_y x cells_x lattice cells, roughly in [-1, 1].
torch::Tensor perlin_noise(int64_t side, int64_t cells_y, int64_t cells_x, NoiseStream& random);

/// DRAEM's artificial defect on a good window [3, S, S]: where Perlin noise is high, the photo is blended
/// with a foreign texture (`other` [3, S, S], another look at the product, distorted in colour and place, or
/// noise) by a random share. `area` > 0 bounds the share of pixels that is changed; 0 is DRAEM's fixed
/// threshold. Never empty.
Sample perlin_defect(const torch::Tensor& good, const torch::Tensor& other, double area, NoiseStream& random);

}  // namespace kizu::inspection
