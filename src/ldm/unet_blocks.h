#pragma once
#include <torch/torch.h>

#include "layers/convolution.h"
#include "layers/doubling_convolution.h"
#include "layers/group_norm.h"
#include "layers/linear.h"

namespace kizu::ldm {

/// Sinusoidal embedding of time steps, t [B] of any number type -> [B, dim]: cosines, then sines (a zero if
/// dim is odd). Frequencies and products are float32, as in the weights' training; float64 would differ by
/// 3e-5 near t = 999.
torch::Tensor timestep_embedding(const torch::Tensor& t, int64_t dim, double max_period = 10000);

/// Residual block of the U-Net: the time embedding is added between its two convolutions. Children
/// in_layers.{0,2}, emb_layers.1, out_layers.{0,3}, and skip_connection where the number of channels changes.
class ResBlockImpl : public torch::nn::Module {
 public:
  ResBlockImpl(int64_t channels, int64_t emb_channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& emb);  // [B, C, H, W], [B, emb_channels]

 private:
  torch::nn::Sequential in_layers_{nullptr}, emb_layers_{nullptr};
  layers::GroupNormSiLU out_norm_{nullptr};
  layers::Conv2d out_conv_{nullptr}, skip_{nullptr};
};
TORCH_MODULE(ResBlock);

/// 3x3 convolution with stride 2 and padding 1 on all sides. Child op.
class DownsampleImpl : public torch::nn::Module {
 public:
  DownsampleImpl(int64_t channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x) {
    return op_(x);
  }  // [B, C, H, W] -> [B, C', ceil(H/2), ceil(W/2)]

 private:
  layers::Conv2d op_{nullptr};
};
TORCH_MODULE(Downsample);

/// Nearest neighbour by 2, then a 3x3 convolution. Child conv.
class UpsampleImpl : public torch::nn::Module {
 public:
  UpsampleImpl(int64_t channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W] -> [B, C', 2H, 2W]

 private:
  layers::DoublingConv2d conv_{nullptr};
};
TORCH_MODULE(Upsample);

}  // namespace kizu::ldm
