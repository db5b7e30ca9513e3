#pragma once
#include <torch/torch.h>

#include <set>
#include <vector>

#include "ldm/autoencoder_blocks.h"

namespace kizu::ldm {

/// Shape of a KL autoencoder. The defaults are those of txt2img-f8-large and of Stable Diffusion 1
/// (83,653,863 parameters).
struct AutoencoderConfig {
  int64_t in_channels = 3;
  int64_t out_channels = 3;
  int64_t z_channels = 4;  ///< of the encoder's output, before quant_conv
  int64_t embed_dim = 4;   ///< of the latent
  int64_t width = 128;     ///< channels of the first level
  std::vector<int64_t> width_mult = {1, 2, 4, 4};
  int64_t num_res_blocks = 2;
  int64_t resolution = 256;           ///< the side at which attention_sizes count; any side can be encoded
  std::set<int64_t> attention_sizes;  ///< sides of the maps that have attention in every block

  /// Pixels of a latent pixel's side.
  int64_t factor() const { return int64_t{1} << (width_mult.size() - 1); }
  /// Throws Error naming the entry that makes no network.
  void check() const;
};

/// A normal distribution for every latent element.
class DiagonalGaussian {
 public:
  /// moments [B, 2 C, h, w]: means, then log variances, which are clamped to [-30, 20].
  explicit DiagonalGaussian(const torch::Tensor& moments);

  const torch::Tensor& mean() const { return mean_; }
  const torch::Tensor& logvar() const { return logvar_; }
  torch::Tensor std() const { return torch::exp(0.5 * logvar_); }
  torch::Tensor var() const { return torch::exp(logvar_); }
  /// `noise` standard normal, [B, C, h, w].
  torch::Tensor sample(const torch::Tensor& noise) const { return mean_ + std() * noise; }
  const torch::Tensor& mode() const { return mean_; }

  /// KL divergence from the standard normal, or from `other`; [B].
  torch::Tensor kl() const;
  torch::Tensor kl(const DiagonalGaussian& other) const;
  /// Negative log likelihood of a latent, [B].
  torch::Tensor nll(const torch::Tensor& latent) const;

 private:
  torch::Tensor mean_, logvar_;
};

/// Image -> moments. Children conv_in, down.{i}.{block, attn, downsample}, mid.{block_1, attn_1, block_2},
/// norm_out, conv_out.
class ImageEncoderImpl : public torch::nn::Module {
 public:
  explicit ImageEncoderImpl(const AutoencoderConfig& config);
  torch::Tensor forward(const torch::Tensor& image);  // [B, 3, H, W] -> [B, 2 z_channels, H/f, W/f]

 private:
  layers::Conv2d conv_in_{nullptr}, conv_out_{nullptr};
  torch::nn::ModuleList down_{nullptr};
  AutoencoderMid mid_{nullptr};
  layers::GroupNormSiLU norm_out_{nullptr};
};
TORCH_MODULE(ImageEncoder);

/// Latent -> image. Children conv_in, mid, up.{i}.{block, attn, upsample} (up.0 is the full resolution and
/// runs last), norm_out, conv_out.
class ImageDecoderImpl : public torch::nn::Module {
 public:
  explicit ImageDecoderImpl(const AutoencoderConfig& config);
  torch::Tensor forward(const torch::Tensor& z);  // [B, z_channels, h, w] -> [B, 3, h f, w f]

 private:
  layers::Conv2d conv_in_{nullptr}, conv_out_{nullptr};
  torch::nn::ModuleList up_{nullptr};
  AutoencoderMid mid_{nullptr};
  layers::GroupNormSiLU norm_out_{nullptr};
};
TORCH_MODULE(ImageDecoder);

/// The KL autoencoder of latent diffusion (Rombach et al. 2022, method.md 1.2). Children encoder, decoder,
/// quant_conv, post_quant_conv, as in a checkpoint under "first_stage_model.".
class AutoencoderImpl : public torch::nn::Module {
 public:
  explicit AutoencoderImpl(const AutoencoderConfig& config);

  /// image [B, 3, H, W] in [-1, 1], H and W multiples of the factor -> [B, 2 embed_dim, H/f, W/f].
  torch::Tensor moments(const torch::Tensor& image);
  DiagonalGaussian encode(const torch::Tensor& image) { return DiagonalGaussian(moments(image)); }
  /// Unscaled latent [B, embed_dim, h, w] -> image [B, 3, h f, w f], about [-1, 1] and not clamped.
  torch::Tensor decode(const torch::Tensor& z);

  const AutoencoderConfig& config() const { return config_; }

 private:
  AutoencoderConfig config_;
  ImageEncoder encoder_{nullptr};
  ImageDecoder decoder_{nullptr};
  layers::Conv2d quant_conv_{nullptr}, post_quant_conv_{nullptr};
};
TORCH_MODULE(Autoencoder);

}  // namespace kizu::ldm
