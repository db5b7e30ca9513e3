#pragma once
#include <torch/torch.h>

#include "layers/convolution.h"
#include "layers/group_norm.h"

namespace kizu::ldm {

/// Group norm of the autoencoder: 32 groups, epsilon 1e-6 (the U-Net's residual blocks have 1e-5).
torch::nn::GroupNormOptions autoencoder_norm(int64_t channels);

/// Residual block of the autoencoder, without time embedding. Children norm1, conv1, norm2, conv2, and
/// nin_shortcut where the number of channels changes.
class AutoencoderResBlockImpl : public torch::nn::Module {
 public:
  AutoencoderResBlockImpl(int64_t channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W] -> [B, C', H, W]

 private:
  layers::GroupNormSiLU norm1_{nullptr}, norm2_{nullptr};
  layers::Conv2d conv1_{nullptr}, conv2_{nullptr}, shortcut_{nullptr};
};
TORCH_MODULE(AutoencoderResBlock);

/// Attention of one head over all positions of a map, with a residual. Children norm, q, k, v, proj_out: 1x1
/// convolutions.
class AutoencoderAttentionImpl : public torch::nn::Module {
 public:
  explicit AutoencoderAttentionImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W]

 private:
  layers::GroupNorm norm_{nullptr};
  layers::Conv2d q_{nullptr}, k_{nullptr}, v_{nullptr}, proj_out_{nullptr};
};
TORCH_MODULE(AutoencoderAttention);

/// Zeros to the right and below, then a 3x3 convolution with stride 2 and no padding. Child conv.
class AutoencoderDownsampleImpl : public torch::nn::Module {
 public:
  explicit AutoencoderDownsampleImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W] -> [B, C, floor(H/2), floor(W/2)]

 private:
  layers::Conv2d conv_{nullptr};
};
TORCH_MODULE(AutoencoderDownsample);

/// The lowest level: children block_1, attn_1, block_2.
class AutoencoderMidImpl : public torch::nn::Module {
 public:
  explicit AutoencoderMidImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W]

 private:
  AutoencoderResBlock block_1_{nullptr}, block_2_{nullptr};
  AutoencoderAttention attn_1_{nullptr};
};
TORCH_MODULE(AutoencoderMid);

/// One resolution: children block.{j}, attn.{j} (none, or one after each block), then downsample or upsample
/// where the caller adds it.
class AutoencoderLevelImpl : public torch::nn::Module {
 public:
  AutoencoderLevelImpl(int64_t channels, int64_t out_channels, int64_t blocks, bool attention);
  void add_downsample(int64_t channels);
  void add_upsample(int64_t channels);
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::ModuleList block_{nullptr}, attn_{nullptr};
  torch::nn::AnyModule resample_;
};
TORCH_MODULE(AutoencoderLevel);

}  // namespace kizu::ldm
