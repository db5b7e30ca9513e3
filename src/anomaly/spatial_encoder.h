#pragma once
#include <torch/torch.h>

#include <array>
#include <functional>

namespace kizu::anomaly {

/// Mask [B, 1, H, W] in [0, 1] -> spatial tokens [B, n, width]: what goes into the text beside the anomaly
/// embedding. Learning and generation take any such function; GradualStyleEncoder is the published one.
using SpatialTokens = std::function<torch::Tensor(const torch::Tensor& mask)>;

/// Shape of the spatial encoder. The defaults are the published one (356,019,392 parameters for 4 tokens).
struct SpatialEncoderConfig {
  int64_t tokens = 4;
  int64_t width = 1280;                                ///< of a token: the text encoder's
  int64_t head_width = 1280;                           ///< channels inside the heads
  int64_t side = 256;                                  ///< of the mask, in pixels; a power of two
  std::array<int64_t, 4> channels{64, 128, 256, 512};  ///< at 1/2, 1/4, 1/8 and 1/16 of the side
  std::array<int64_t, 4> units{3, 4, 14, 3};           ///< residual units at each of them

  /// Throws Error naming the entry that makes no network.
  void check() const;
};

/// Linear layer whose weight is stored as N(0, 1) and multiplied by 1 / sqrt(in) (Karras et al. 2018, section
/// 4.1).
class EqualLinearImpl : public torch::nn::Module {
 public:
  EqualLinearImpl(int64_t in, int64_t out);
  torch::Tensor forward(const torch::Tensor& x);  // [B, in] -> [B, out]
  torch::Tensor weight, bias;
};
TORCH_MODULE(EqualLinear);

/// Residual unit of ArcFace's IR networks: BN, conv, PReLU, conv with stride, BN; the shortcut picks every
/// stride-th pixel where the channels stay, else is a 1x1 convolution with BN. Children shortcut_layer.{0,1},
/// res_layer.{0..4}.
class BottleneckIrImpl : public torch::nn::Module {
 public:
  BottleneckIrImpl(int64_t in, int64_t out, int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);  // [B, in, H, W] -> [B, out, ceil(H / stride), ...]

 private:
  int64_t stride_;
  torch::nn::Sequential shortcut_{nullptr}, residual_{nullptr};
};
TORCH_MODULE(BottleneckIr);

/// One head of pixel2style2pixel: convolutions with stride 2 and LeakyReLU down to one pixel, then an
/// EqualLinear. Children convs.{0,2,4 ...}, linear.
class GradualStyleBlockImpl : public torch::nn::Module {
 public:
  /// `side`: of the square it reads, a power of two; `inner`: channels of the convolutions.
  GradualStyleBlockImpl(int64_t in, int64_t inner, int64_t out, int64_t side);
  torch::Tensor forward(const torch::Tensor& x);  // [B, in, side, side] -> [B, out]

 private:
  torch::nn::Sequential convs_{nullptr};
  EqualLinear linear_{nullptr};
};
TORCH_MODULE(GradualStyleBlock);

/// The spatial encoder of the published code: pixel2style2pixel's encoder (Richardson et al. 2021) with an
/// IR-50 trunk; all heads read the same map at a quarter of the mask's side. In training mode its tokens
/// depend on the other masks of the batch. Children input_layer, body, styles, latlayer1, latlayer2, as in
/// spatial_encoder.pt.
class GradualStyleEncoderImpl : public torch::nn::Module {
 public:
  explicit GradualStyleEncoderImpl(const SpatialEncoderConfig& config = {});
  /// mask [B, 1, side, side] in [0, 1] -> [B, tokens, width].
  torch::Tensor forward(const torch::Tensor& mask);
  const SpatialEncoderConfig& config() const { return config_; }

  /// Draws the weights from the seed, with torch's default distributions.
  void draw_weights(uint64_t seed);

 private:
  SpatialEncoderConfig config_;
  torch::nn::Sequential input_{nullptr};
  torch::nn::ModuleList body_{nullptr}, styles_{nullptr};
  torch::nn::Conv2d lateral1_{nullptr}, lateral2_{nullptr};
};
TORCH_MODULE(GradualStyleEncoder);

/// The encoder as a function; in evaluation mode, or in training mode as the reference leaves it even when it
/// generates. Sets the mode at every call.
SpatialTokens spatial_tokens(GradualStyleEncoder encoder, bool training_mode);

}  // namespace kizu::anomaly
