#pragma once
#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace kizu::ldm {

/// Shape of the compact autoencoder: f8, residual blocks at a quarter and an eighth of the picture's side.
struct CompactAutoencoderConfig {
  int64_t latent_channels = 8;
  int64_t quarter_width = 48;  // channels at 1/4 of the side
  int64_t eighth_width = 96;   // channels at 1/8
  int64_t blocks = 2;          // residual blocks each; the decoder has one more
};

/// Shape of the compact U-Net and of the two encoders that feed its cross-attention.
struct CompactUNetConfig {
  int64_t latent_channels = 8;
  std::array<int64_t, 3> channels{48, 96, 144};  // at latent side, a half, a quarter
  int64_t heads = 4;
  int64_t context_dim = 128;
  int64_t time_dim = 128;
  int64_t appearance_tokens = 8;
  int64_t appearance_code = 24;
  int64_t spatial_side = 4;  // spatial tokens = side * side
};

/// Both, and the noise schedule the U-Net was trained with.
struct CompactConfig {
  CompactAutoencoderConfig autoencoder;
  CompactUNetConfig unet;
  double linear_start = 0.0015;
  double linear_end = 0.0195;
  int64_t timesteps = 1000;
};

void to_json(nlohmann::json& json, const CompactConfig& config);
/// Throws Error for a missing or unknown key or a value out of range.
void from_json(const nlohmann::json& json, CompactConfig& config);

}  // namespace kizu::ldm
