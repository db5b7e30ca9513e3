#pragma once
#include <torch/torch.h>

namespace kizu::anomaly {

struct GeneratedMaskOptions {
  double threshold = 0.8;         ///< a pixel is set above this mean of its channels, pictures in [-1, 1]
  double border_share = 1.0 / 3;  ///< largest share of set pixels that one of the four borders may have
  bool keep_empty = true;         ///< the published code keeps masks without any pixel
};

/// Decoded pictures [B, 3, H, W] of the mask model -> masks [B, 1, H, W] of 0 and 1.
torch::Tensor masks_from_pictures(const torch::Tensor& decoded, const GeneratedMaskOptions& options = {});

/// Which masks [B, 1, H, W] are kept: bool [B]. One that fills much of a border is most likely inverted or
/// the picture of something else.
torch::Tensor plausible_masks(const torch::Tensor& masks, const GeneratedMaskOptions& options = {});

}  // namespace kizu::anomaly
