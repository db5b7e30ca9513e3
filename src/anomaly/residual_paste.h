#pragma once
#include <torch/torch.h>

#include "image/image.h"

namespace kizu::anomaly {

/// How strongly a change counts around a mask, [H, W]: 1 on the mask, falling smoothly to 0 at `radius` px
/// (Euclidean) from it, and exactly 0 from there on. Radius at least 1.
torch::Tensor feathered(const Mask& mask, double radius);

/// One channel, or three that are equal everywhere.
bool colourless(const Image& image);

/// good + alpha * difference, in the photo's channels and depth. difference [3, H, W] in units of [-1, 1]
/// pictures; its channels are averaged when `grey`. Where alpha [H, W] is 0 the photo is copied bit for bit.
Image paste(const Image& good, const torch::Tensor& difference, const torch::Tensor& alpha, bool grey);

}  // namespace kizu::anomaly
