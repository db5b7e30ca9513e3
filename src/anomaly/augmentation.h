#pragma once
#include <torch/torch.h>

#include <functional>

#include "tensor/noise.h"

namespace kizu::anomaly {

/// Where the augmentation takes its random numbers from, in the published order.
struct AugmentationDraws {
  std::function<double()> uniform;                            ///< in [0, 1)
  std::function<int64_t(int64_t low, int64_t high)> integer;  ///< both ends included
};
/// From a stream; it must outlive the result.
AugmentationDraws draws_from(NoiseStream& stream);

struct Augmented {
  torch::Tensor images;  ///< [B, 3, side, side]
  torch::Tensor masks;   ///< [B, 1, side, side], fractional at the edges
};

/// The augmentation of the published training: both to 512 x 512; each pair flipped up-down and left-right
/// with probability 1/2 and turned counter-clockwise by 0 to 20 degrees (nearest neighbour, grey corners);
/// one crop for the whole batch that keeps all masks; resized to side x side, whatever the crop's aspect
/// ratio. images [B, 3, H, W] in [-1, 1], masks [B, 1, H, W]. Where all masks are empty the crop may be
/// anything.
Augmented augment_as_published(const torch::Tensor& images, const torch::Tensor& masks, int64_t side,
                               const AugmentationDraws& draws);

/// What is done without it: a bilinear resize of both without antialiasing.
Augmented resized_pair(const torch::Tensor& images, const torch::Tensor& masks, int64_t side);

}  // namespace kizu::anomaly
