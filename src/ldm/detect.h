#pragma once
#include "ldm/latent_config.h"

namespace kizu::ldm {

/// Numbers of attention heads, which shapes do not show; 0: decide.
struct Heads {
  int64_t unet = 0;
  int64_t text = 0;
};

/// The latent diffusion model that a checkpoint's names and shapes describe. Heads that are not given are
/// those of all published models: 8 in the U-Net; in the text encoder 64 wide, or 8 where the width has no
/// such divisor. The schedule and the latent's scale are the published ones. Throws Error, beginning with
/// `origin`, when a part is missing or has no such shape; whether every tensor fits is for the caller to
/// compare with needed_tensors().
LatentDiffusionConfig detect_config(const TensorInfos& tensors, const Heads& heads,
                                    const std::string& origin);

}  // namespace kizu::ldm
