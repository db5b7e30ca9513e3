#pragma once
#include <torch/torch.h>

#include "layers/convolution.h"
#include "layers/doubling_convolution.h"
#include "layers/group_norm.h"
#include "layers/linear.h"
#include "ldm/compact_blocks.h"
#include "ldm/compact_config.h"

namespace kizu::ldm {

/// What the compact U-Net is told besides the noisy latent.
struct CompactCondition {
  torch::Tensor mask;  // [B, 16, h, w]: coverage of the defect mask at 2 px, 4x4 of them per latent pixel
  torch::Tensor background;  // [B, C, h, w]: latent of the good picture where `known`, zero elsewhere
  torch::Tensor known;       // [B, 1, h, w]: 1 where the background is given
  torch::Tensor context;     // [B, tokens, context_dim]: appearance tokens, then spatial tokens
};

/// Coverage [B, 1, 4h, 4w] or finer mask [B, 1, H, W] (H = 8h) -> the 16 mask channels at [h, w].
torch::Tensor mask_channels(const torch::Tensor& mask);
/// The latent pixels a mask touches, grown by `radius` latent pixels: [B, 1, H, W] -> [B, 1, H/8, W/8] of 0
/// and 1.
torch::Tensor touched_latents(const torch::Tensor& mask, int64_t radius);

/// The compact denoising network: three levels, cross-attention at the lower two, mask and masked background
/// concatenated to its input. Predicts v = sqrt(abar) eps - sqrt(1 - abar) x_0 (Salimans & Ho 2022).
class CompactUNet : public torch::nn::Module {
 public:
  explicit CompactUNet(const CompactUNetConfig& config, uint64_t seed = 0);

  /// x_t [B, C, h, w] with h, w multiples of 4; t [B] int64 -> v [B, C, h, w].
  /// `attention` (optional) re-weights what the appearance tokens receive in every cross-attention.
  torch::Tensor forward(const torch::Tensor& x_t, const torch::Tensor& t, const CompactCondition& condition,
                        const AttentionMap* attention = nullptr);

  const CompactUNetConfig& config() const { return config_; }

 private:
  torch::Tensor embed_time(const torch::Tensor& t);

  CompactUNetConfig config_;
  layers::Linear time1_{nullptr}, time2_{nullptr};
  layers::Conv2d in_{nullptr}, down0_{nullptr}, down1_{nullptr}, out_{nullptr};
  layers::DoublingConv2d up2_{nullptr}, up1_{nullptr};
  layers::GroupNormSiLU out_norm_{nullptr};
  std::shared_ptr<FilmResBlock> enter0_, enter1_, enter2_, middle1_, middle2_, leave2_, leave1_, leave0_,
      last_;
  std::shared_ptr<TokenBlock> attend1_, attend2_, attend_middle_, attend_up2_, attend_up1_;
};

}  // namespace kizu::ldm
