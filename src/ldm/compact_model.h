#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "ldm/compact_autoencoder.h"
#include "ldm/compact_config.h"
#include "ldm/compact_encoders.h"
#include "ldm/compact_unet.h"

namespace kizu::ldm {

/// The compact base: autoencoder, U-Net and its two encoders. As a folder: model.json,
/// autoencoder.safetensors, unet.safetensors (both encoders are in the latter).
struct CompactModel {
  CompactConfig config;
  std::shared_ptr<CompactAutoencoder> autoencoder;
  std::shared_ptr<CompactUNet> unet;
  std::shared_ptr<AppearanceEncoder> appearance;
  std::shared_ptr<SpatialEncoder> spatial;

  /// Untrained, the weights drawn from the seed.
  static CompactModel create(const CompactConfig& config, uint64_t seed);
  /// Throws Error naming the file that is missing, cut short or of the wrong shape.
  static CompactModel load(const std::filesystem::path& folder);
  /// Writes the folder; weights as fp16 when `half`. `about` is kept in model.json under "about".
  void save(const std::filesystem::path& folder, bool half, const nlohmann::json& about) const;

  /// The same networks with the same weights (shared storage) and gradients of their own, for another thread.
  CompactModel replica() const;
  void to(torch::Device device) const;
  void train(bool on) const;
};

}  // namespace kizu::ldm
