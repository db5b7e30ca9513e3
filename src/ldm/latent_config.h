#pragma once
#include <nlohmann/json_fwd.hpp>

#include "ldm/autoencoder.h"
#include "ldm/text_encoder.h"
#include "ldm/unet.h"

namespace kizu::ldm {

/// Shape of a latent diffusion model and the numbers its weights were trained with. The defaults are those of
/// txt2img-f8-large.
struct LatentDiffusionConfig {
  UNetConfig unet;
  AutoencoderConfig autoencoder;
  TextEncoderConfig text;
  double scale_factor = 0.18215;  ///< of the autoencoder's latent, so that its deviation is about 1
  double linear_start = 0.00085;
  double linear_end = 0.012;
  int64_t timesteps = 1000;

  BaseFamily family() const { return text.family; }
  /// Stable Diffusion 1.x.
  static LatentDiffusionConfig sd1();
  /// Throws Error naming what makes no network or does not fit together.
  void check() const;
};

void to_json(nlohmann::json& json, const LatentDiffusionConfig& config);
/// The "config" of a model.json whose "architecture" names the family; config.text.family must be set before.
/// Throws Error for a missing or unknown key or a value out of range.
void from_json(const nlohmann::json& json, LatentDiffusionConfig& config);

/// Prefixes of the three parts' weights in a checkpoint and in our files.
inline constexpr const char* kUNetPrefix = "model.diffusion_model.";
inline constexpr const char* kAutoencoderPrefix = "first_stage_model.";
inline constexpr const char* kTextPrefix = "cond_stage_model.";

/// Every tensor that the networks need, with the checkpoint's full names. No weight is allocated.
TensorInfos needed_tensors(const LatentDiffusionConfig& config);
/// Tensors that a checkpoint of this architecture has beside those and that we do not use: to_logits,
/// position_ids, the buffers of the noise schedule.
TensorInfos known_extras(const LatentDiffusionConfig& config);

}  // namespace kizu::ldm
