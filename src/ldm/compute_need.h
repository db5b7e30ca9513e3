#pragma once
#include <cstdint>

#include "ldm/latent_config.h"

namespace kizu::ldm {

/// Multiply-adds of one pass forward for one picture: convolutions, linear layers and attention. Norms and
/// activations are left out. A pass back to the inputs, the weights being frozen, takes as much again.
struct ComputeNeed {
  double unet = 0;  ///< one prediction
  double text = 0;  ///< one caption
  double encode = 0, decode = 0;
};

ComputeNeed compute_need(const LatentDiffusionConfig& config, int64_t height, int64_t width);

}  // namespace kizu::ldm
