// Writes an untrained latent diffusion model with a text encoder that costs next to nothing.
// Usage: tiny_base FOLDER SEED [FAMILY]
#include <cstdlib>

#include "ldm/tiny_latent.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  auto config = kizu::ldm::tiny_latent(kizu::ldm::family_named(argc > 3 ? argv[3] : "ldm-bert"));
  config.unet.channel_mult = {1};
  config.unet.attention_resolutions = {1};
  kizu::ldm::LatentDiffusion::create(config, std::strtoull(argv[2], nullptr, 10))
      .save(argv[1], torch::kFloat32, {});
}
