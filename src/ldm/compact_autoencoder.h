#pragma once
#include <torch/torch.h>

#include "layers/convolution.h"
#include "layers/linear.h"
#include "ldm/compact_config.h"

namespace kizu::ldm {

/// Residual block without normalisation: x + conv(relu(conv(relu(x)))), the second convolution starting at
/// zero.
struct PlainResBlock : torch::nn::Module {
  explicit PlainResBlock(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);
  layers::Conv2d conv1{nullptr}, conv2{nullptr};
};

/// The compact autoencoder (f8). Works on PixelUnshuffle(4) of the picture, so that two CPU cores afford it.
/// Sides of the picture must be multiples of 8.
class CompactAutoencoder : public torch::nn::Module {
 public:
  explicit CompactAutoencoder(const CompactAutoencoderConfig& config, uint64_t seed = 0);

  /// [B, 3, H, W] in [-1, 1] -> [B, C, H/8, W/8], each channel of about zero mean and unit variance.
  torch::Tensor encode(const torch::Tensor& image_pm1);
  /// The reverse; not clamped.
  torch::Tensor decode(const torch::Tensor& latent);

  /// Latent before normalisation, bounded to (-3, 3): what the autoencoder is trained on.
  torch::Tensor encode_raw(const torch::Tensor& image_pm1);
  torch::Tensor decode_raw(const torch::Tensor& raw);
  /// Sets the per-channel normalisation from latents [N, C, h, w] before normalisation.
  void set_normalisation(const torch::Tensor& raw);

  const CompactAutoencoderConfig& config() const { return config_; }

 private:
  CompactAutoencoderConfig config_;
  torch::nn::Sequential encoder_{nullptr}, decoder_{nullptr};
  torch::Tensor mean_, std_;  // [1, C, 1, 1]
};

}  // namespace kizu::ldm
