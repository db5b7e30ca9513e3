#pragma once
#include "ldm/compact_model.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::ldm {

/// For tests: a compact base that costs next to nothing.
inline CompactConfig tiny_config() {
  CompactConfig config;
  config.autoencoder = {4, 8, 16, 1};
  config.unet.latent_channels = 4;
  config.unet.channels = {16, 16, 16};
  config.unet.heads = 2;
  config.unet.context_dim = 16;
  config.unet.time_dim = 16;
  config.unet.appearance_tokens = 2;
  config.unet.appearance_code = 8;
  return config;
}

/// For tests: moves every weight a little, also those that start at zero and keep an untrained network from
/// saying anything.
inline void stir(const CompactModel& model, uint64_t seed = 1) {
  const torch::NoGradGuard no_grad;
  for (const torch::nn::Module* module : std::initializer_list<const torch::nn::Module*>{
           model.autoencoder.get(), model.unet.get(), model.appearance.get(), model.spatial.get()}) {
    for (auto& item : module->named_parameters())
      item.value().add_(0.1 * NoiseStream(mix(seed, item.key())).normal(item.value().sizes()));
  }
}

/// For tests: every parameter and buffer of the model by name, copied.
inline NamedTensors weights_of(const CompactModel& model) {
  auto all = state_of(*model.autoencoder, "autoencoder.");
  all.merge(state_of(*model.unet, "unet."));
  all.merge(state_of(*model.appearance, "appearance."));
  all.merge(state_of(*model.spatial, "spatial."));
  for (auto& [name, tensor] : all) tensor = tensor.clone();
  return all;
}

}  // namespace kizu::ldm
