#pragma once
#include <torch/torch.h>

#include "layers/convolution.h"
#include "layers/linear.h"
#include "ldm/compact_config.h"

namespace kizu::ldm {

/// Looks at a defect and says what it looks like: latents inside the mask -> a short code -> appearance
/// tokens. The anomaly embedding of a type starts from these tokens of its shots.
class AppearanceEncoder : public torch::nn::Module {
 public:
  explicit AppearanceEncoder(const CompactUNetConfig& config, uint64_t seed = 0);
  /// flawed, background [B, C, h, w] (background zero where unknown), mask [B, 1, 8h, 8w] -> code [B, code]
  /// in (-1, 1).
  torch::Tensor code(const torch::Tensor& flawed, const torch::Tensor& background, const torch::Tensor& mask);
  /// code [B, code] -> tokens [B, appearance_tokens, context_dim].
  torch::Tensor tokens(const torch::Tensor& code);
  /// The tokens that say "no appearance given": [1, appearance_tokens, context_dim].
  torch::Tensor null_tokens() const { return null_tokens_; }

 private:
  CompactUNetConfig config_;
  layers::Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr};
  layers::Linear to_code_{nullptr}, wide_{nullptr}, to_tokens_{nullptr};
  torch::Tensor null_tokens_;
};

/// Says where the defect is and what shape it has: mask -> spatial tokens. The mask is always seen at 64 x
/// 64, so that crops and whole pictures look alike to it.
class SpatialEncoder : public torch::nn::Module {
 public:
  explicit SpatialEncoder(const CompactUNetConfig& config, uint64_t seed = 0);
  /// mask [B, 1, H, W] (H, W multiples of 64) -> [B, side * side, context_dim].
  torch::Tensor forward(const torch::Tensor& mask);

 private:
  torch::nn::Sequential convs_{nullptr};
  torch::Tensor position_;
};

}  // namespace kizu::ldm
