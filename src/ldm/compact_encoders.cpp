#include "ldm/compact_encoders.h"

#include "ldm/compact_unet.h"
#include "tensor/initialise.h"

namespace kizu::ldm {
AppearanceEncoder::AppearanceEncoder(const CompactUNetConfig& config, uint64_t seed) : config_(config) {
  constexpr int64_t kWidth = 64;
  conv1_ = register_module("conv1", layers::conv3x3(2 * config.latent_channels + 16, kWidth));
  conv2_ = register_module("conv2", layers::conv3x3(kWidth, kWidth));
  conv3_ = register_module("conv3", layers::conv3x3(kWidth, kWidth));
  to_code_ = register_module("to_code", layers::Linear(3 * kWidth, config.appearance_code));
  wide_ = register_module("wide", layers::Linear(config.appearance_code, 128));
  to_tokens_ =
      register_module("to_tokens", layers::Linear(128, config.appearance_tokens * config.context_dim));
  null_tokens_ =
      register_parameter("null_tokens", torch::ones({1, config.appearance_tokens, config.context_dim}));
  initialise(*this, seed);
}

torch::Tensor AppearanceEncoder::code(const torch::Tensor& flawed, const torch::Tensor& background,
                                      const torch::Tensor& mask) {
  auto h = torch::silu(conv1_(torch::cat({flawed, background, mask_channels(mask)}, 1)));
  h = h + torch::silu(conv2_(h));
  h = h + conv3_(h);                               // [B, 64, h, w]
  const auto inside = torch::avg_pool2d(mask, 8);  // share of each latent pixel that is defect
  const auto touched = touched_latents(mask, 0);
  const auto mean = (h * inside).sum({2, 3}) / inside.sum({2, 3}).clamp_min(1e-3);
  const auto spread = ((h - mean.unsqueeze(-1).unsqueeze(-1)).square() * inside).sum({2, 3}) /
                      inside.sum({2, 3}).clamp_min(1e-3);
  const auto peak =
      (h * touched + (touched - 1) * 1e4).amax({2, 3}) * touched.amax({2, 3});  // 0 for an empty mask
  return torch::tanh(to_code_(torch::cat({mean, (spread + 1e-6).sqrt(), peak}, 1)));
}

torch::Tensor AppearanceEncoder::tokens(const torch::Tensor& code) {
  return to_tokens_(torch::silu(wide_(code)))
      .view({code.size(0), config_.appearance_tokens, config_.context_dim});
}

SpatialEncoder::SpatialEncoder(const CompactUNetConfig& config, uint64_t seed) {
  torch::nn::Sequential convs;
  int64_t in = 1;
  for (const int64_t out : {16, 32, 64}) {
    convs->push_back(layers::conv3x3(in, out, 2));
    convs->push_back(torch::nn::SiLU());
    in = out;
  }
  convs->push_back(layers::conv3x3(in, config.context_dim, 2));  // 64 -> 4
  convs_ = register_module("convs", convs);
  position_ = register_parameter(
      "position", torch::ones({1, config.spatial_side * config.spatial_side, config.context_dim}));
  initialise(*this, seed);
}

torch::Tensor SpatialEncoder::forward(const torch::Tensor& mask) {
  const auto seen = torch::adaptive_avg_pool2d(mask, {64, 64});
  return convs_->forward(seen).flatten(2).transpose(1, 2) + position_;  // [B, 16, context_dim]
}

}  // namespace kizu::ldm
