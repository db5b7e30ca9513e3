#include "ldm/compact_model.h"

#include "core/error.h"
#include "core/json.h"
#include "tensor/convert.h"
#include "tensor/sharded.h"

namespace kizu::ldm {
namespace {

NamedTensors in_half(NamedTensors tensors, bool half) {
  for (auto& [name, tensor] : tensors) {
    tensor = tensor.detach().to(torch::kCPU, half ? torch::kFloat16 : torch::kFloat32).contiguous();
  }
  return tensors;
}

}  // namespace

CompactModel CompactModel::create(const CompactConfig& config, uint64_t seed) {
  return {config, std::make_shared<CompactAutoencoder>(config.autoencoder, seed),
          std::make_shared<CompactUNet>(config.unet, seed + 1),
          std::make_shared<AppearanceEncoder>(config.unet, seed + 2),
          std::make_shared<SpatialEncoder>(config.unet, seed + 3)};
}

CompactModel CompactModel::load(const std::filesystem::path& folder) {
  const auto description = folder / "model.json";
  const auto json = read_json(description);
  const auto architecture = json.is_object() ? json.find("architecture") : json.end();
  if (architecture == json.end() || *architecture != "compact") {
    throw Error(description.string() +
                ": 'architecture' is not \"compact\"; choose a folder that kizu pretrain wrote");
  }
  CompactConfig config;
  try {
    config = json.value("config", nlohmann::json()).get<CompactConfig>();
  } catch (const Error& failure) {  // says "model.json: ...", not which
    throw Error((folder / failure.what()).string());
  }
  auto model = create(config, 0);
  const auto autoencoder = folder / "autoencoder.safetensors";
  load_state(*model.autoencoder, read_tensors(autoencoder, true), "", autoencoder.string());
  const auto unet = folder / "unet.safetensors";
  const auto tensors = read_tensors(unet, true);
  load_state(*model.unet, tensors, "unet.", unet.string());
  load_state(*model.appearance, tensors, "appearance.", unet.string());
  load_state(*model.spatial, tensors, "spatial.", unet.string());
  model.train(false);
  return model;
}

void CompactModel::save(const std::filesystem::path& folder, bool half, const nlohmann::json& about) const {
  std::filesystem::create_directories(folder);
  write_tensors(folder / "autoencoder.safetensors", in_half(state_of(*autoencoder), half));
  auto tensors = state_of(*unet, "unet.");
  tensors.merge(state_of(*appearance, "appearance."));
  tensors.merge(state_of(*spatial, "spatial."));
  write_tensors(folder / "unet.safetensors", in_half(std::move(tensors), half));
  write_json(folder / "model.json", {{"architecture", "compact"}, {"config", config}, {"about", about}});
}

CompactModel CompactModel::replica() const {
  auto copy = create(config, 0);
  share_weights(*autoencoder, *copy.autoencoder);
  share_weights(*unet, *copy.unet);
  share_weights(*appearance, *copy.appearance);
  share_weights(*spatial, *copy.spatial);
  return copy;
}

void CompactModel::to(torch::Device device) const {
  autoencoder->to(device);
  unet->to(device);
  appearance->to(device);
  spatial->to(device);
}

void CompactModel::train(bool on) const {
  autoencoder->train(on);
  unet->train(on);
  appearance->train(on);
  spatial->train(on);
}

}  // namespace kizu::ldm
