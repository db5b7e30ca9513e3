#pragma once
#include "ldm/latent_diffusion.h"

namespace kizu::ldm {

/// For tests: a latent diffusion model of either family that costs next to nothing, with the whole
/// vocabulary, so that the published token ids are valid.
inline LatentDiffusionConfig tiny_latent(BaseFamily family) {
  LatentDiffusionConfig config;
  if (family == BaseFamily::kSd1Clip) config = LatentDiffusionConfig::sd1();
  config.text.width = 16;
  config.text.layers = 2;
  config.text.heads = 2;
  config.text.dim_head = 8;
  config.text.ff_width = 32;
  config.unet.context_dim = 16;
  config.unet.model_channels = 32;
  config.unet.num_res_blocks = 1;
  config.unet.channel_mult = {1, 2};
  config.unet.attention_resolutions = {1, 2};
  config.unet.num_heads = 4;
  config.autoencoder.width = 32;
  config.autoencoder.width_mult = {1, 1, 1, 1};
  config.autoencoder.num_res_blocks = 1;
  return config;
}

}  // namespace kizu::ldm
