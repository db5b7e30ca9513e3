#include "ldm/unet_blocks.h"

#include <cmath>

namespace kizu::ldm {
namespace nn = torch::nn;

torch::Tensor timestep_embedding(const torch::Tensor& t, int64_t dim, double max_period) {
  const int64_t half = dim / 2;
  const auto index = torch::arange(half, torch::TensorOptions(torch::kFloat32).device(t.device()));
  const auto frequencies = torch::exp(-std::log(max_period) * index / half);
  const auto angles = t.to(torch::kFloat32).unsqueeze(1) * frequencies;
  auto embedding = torch::cat({angles.cos(), angles.sin()}, 1);
  if (dim % 2) embedding = torch::cat({embedding, torch::zeros_like(embedding.slice(1, 0, 1))}, 1);
  return embedding;
}

ResBlockImpl::ResBlockImpl(int64_t channels, int64_t emb_channels, int64_t out_channels) {
  // The identities stand where the original has a SiLU, which is in the norm here, and a dropout, which is
  // never used: they keep the numbering of the weights.
  in_layers_ =
      register_module("in_layers", nn::Sequential(layers::GroupNormSiLU(32, channels), nn::Identity(),
                                                  layers::conv3x3(channels, out_channels)));
  emb_layers_ =
      register_module("emb_layers", nn::Sequential(nn::SiLU(), layers::Linear(emb_channels, out_channels)));
  out_norm_ = layers::GroupNormSiLU(32, out_channels);
  out_conv_ = layers::conv3x3(out_channels, out_channels);
  register_module("out_layers", nn::Sequential(out_norm_, nn::Identity(), nn::Identity(), out_conv_));
  if (channels != out_channels)
    skip_ = register_module("skip_connection", layers::Conv2d(nn::Conv2dOptions(channels, out_channels, 1)));
}

torch::Tensor ResBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& emb) {
  const auto h = in_layers_->forward(x) + emb_layers_->forward(emb).unsqueeze(2).unsqueeze(3);
  return out_conv_->add_to(skip_ ? skip_(x) : x, out_norm_(h));
}

DownsampleImpl::DownsampleImpl(int64_t channels, int64_t out_channels) {
  op_ = register_module("op", layers::conv3x3(channels, out_channels, 2));
}

UpsampleImpl::UpsampleImpl(int64_t channels, int64_t out_channels) {
  conv_ = register_module("conv", layers::DoublingConv2d(channels, out_channels));
}

torch::Tensor UpsampleImpl::forward(const torch::Tensor& x) {
  return conv_(x);
}

}  // namespace kizu::ldm
