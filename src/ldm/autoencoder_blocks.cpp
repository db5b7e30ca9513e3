#include "ldm/autoencoder_blocks.h"

#include "layers/attend.h"
#include "ldm/unet_blocks.h"

namespace kizu::ldm {
namespace nn = torch::nn;
namespace F = torch::nn::functional;
namespace {

layers::Conv2d conv1x1(int64_t channels, int64_t out_channels) {
  return layers::Conv2d(nn::Conv2dOptions(channels, out_channels, 1));
}

/// [B, C, H, W] -> [B, H W, C]
torch::Tensor as_sequence(const torch::Tensor& map) {
  return map.flatten(2).transpose(1, 2);
}

}  // namespace

nn::GroupNormOptions autoencoder_norm(int64_t channels) {
  return nn::GroupNormOptions(32, channels).eps(1e-6);
}

AutoencoderResBlockImpl::AutoencoderResBlockImpl(int64_t channels, int64_t out_channels) {
  norm1_ = register_module("norm1", layers::GroupNormSiLU(autoencoder_norm(channels)));
  conv1_ = register_module("conv1", layers::conv3x3(channels, out_channels));
  norm2_ = register_module("norm2", layers::GroupNormSiLU(autoencoder_norm(out_channels)));
  conv2_ = register_module("conv2", layers::conv3x3(out_channels, out_channels));
  if (channels != out_channels) shortcut_ = register_module("nin_shortcut", conv1x1(channels, out_channels));
}

torch::Tensor AutoencoderResBlockImpl::forward(const torch::Tensor& x) {
  const auto h = conv1_(norm1_(x));
  return conv2_->add_to(shortcut_ ? shortcut_(x) : x, norm2_(h));
}

AutoencoderAttentionImpl::AutoencoderAttentionImpl(int64_t channels) {
  norm_ = register_module("norm", layers::GroupNorm(autoencoder_norm(channels)));
  q_ = register_module("q", conv1x1(channels, channels));
  k_ = register_module("k", conv1x1(channels, channels));
  v_ = register_module("v", conv1x1(channels, channels));
  proj_out_ = register_module("proj_out", conv1x1(channels, channels));
}

torch::Tensor AutoencoderAttentionImpl::forward(const torch::Tensor& x) {
  const auto h = norm_(x);
  const auto out = layers::attend(as_sequence(q_(h)), as_sequence(k_(h)), as_sequence(v_(h)), 1);
  return proj_out_->add_to(x, out.transpose(1, 2).reshape(x.sizes()));
}

AutoencoderDownsampleImpl::AutoencoderDownsampleImpl(int64_t channels) {
  conv_ = register_module("conv", layers::Conv2d(nn::Conv2dOptions(channels, channels, 3).stride(2)));
}

torch::Tensor AutoencoderDownsampleImpl::forward(const torch::Tensor& x) {
  return conv_(F::pad(x, F::PadFuncOptions({0, 1, 0, 1})));
}

AutoencoderMidImpl::AutoencoderMidImpl(int64_t channels) {
  block_1_ = register_module("block_1", AutoencoderResBlock(channels, channels));
  attn_1_ = register_module("attn_1", AutoencoderAttention(channels));
  block_2_ = register_module("block_2", AutoencoderResBlock(channels, channels));
}

torch::Tensor AutoencoderMidImpl::forward(const torch::Tensor& x) {
  return block_2_(attn_1_(block_1_(x)));
}

AutoencoderLevelImpl::AutoencoderLevelImpl(int64_t channels, int64_t out_channels, int64_t blocks,
                                           bool attention) {
  block_ = register_module("block", nn::ModuleList());
  attn_ = register_module("attn", nn::ModuleList());
  for (int64_t i = 0; i < blocks; ++i) {
    block_->push_back(AutoencoderResBlock(i == 0 ? channels : out_channels, out_channels));
    if (attention) attn_->push_back(AutoencoderAttention(out_channels));
  }
}

void AutoencoderLevelImpl::add_downsample(int64_t channels) {
  resample_ = nn::AnyModule(register_module("downsample", AutoencoderDownsample(channels)));
}

void AutoencoderLevelImpl::add_upsample(int64_t channels) {
  resample_ = nn::AnyModule(register_module("upsample", Upsample(channels, channels)));
}

torch::Tensor AutoencoderLevelImpl::forward(torch::Tensor x) {
  for (size_t i = 0; i < block_->size(); ++i) {
    x = block_->ptr(i)->as<AutoencoderResBlock>()->forward(x);
    if (!attn_->is_empty()) x = attn_->ptr(i)->as<AutoencoderAttention>()->forward(x);
  }
  return resample_.is_empty() ? x : resample_.forward(x);
}

}  // namespace kizu::ldm
