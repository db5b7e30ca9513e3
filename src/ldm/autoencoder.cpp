#include "ldm/autoencoder.h"

#include <cmath>
#include <string>

#include "core/error.h"

namespace kizu::ldm {
namespace nn = torch::nn;

void AutoencoderConfig::check() const {
  const auto positive = [](const char* name, int64_t value) {
    if (value < 1)
      throw Error(std::string("autoencoder: ") + name + " must be positive, not " + std::to_string(value));
  };
  positive("in_channels", in_channels);
  positive("out_channels", out_channels);
  positive("z_channels", z_channels);
  positive("embed_dim", embed_dim);
  positive("num_res_blocks", num_res_blocks);
  positive("resolution", resolution);
  positive("the number of levels in width_mult", static_cast<int64_t>(width_mult.size()));
  for (const auto mult : width_mult) {
    positive("width_mult", mult);
    if (width < 1 || (width * mult) % 32 != 0)
      throw Error("autoencoder: width times width_mult must be a multiple of 32, not " +
                  std::to_string(width * mult));
  }
}

DiagonalGaussian::DiagonalGaussian(const torch::Tensor& moments) {
  const auto halves = moments.chunk(2, 1);
  mean_ = halves[0];
  logvar_ = halves[1].clamp(-30.0, 20.0);
}

torch::Tensor DiagonalGaussian::kl() const {
  return 0.5 * (mean_.square() + var() - 1.0 - logvar_).sum({1, 2, 3});
}

torch::Tensor DiagonalGaussian::kl(const DiagonalGaussian& other) const {
  const auto ratio = (mean_ - other.mean_).square() / other.var() + var() / other.var();
  return 0.5 * (ratio - 1.0 - logvar_ + other.logvar_).sum({1, 2, 3});
}

torch::Tensor DiagonalGaussian::nll(const torch::Tensor& latent) const {
  const double log_two_pi = std::log(2 * M_PI);
  return 0.5 * (log_two_pi + logvar_ + (latent - mean_).square() / var()).sum({1, 2, 3});
}

ImageEncoderImpl::ImageEncoderImpl(const AutoencoderConfig& config) {
  int64_t channels = config.width, side = config.resolution;
  conv_in_ = register_module("conv_in", layers::conv3x3(config.in_channels, channels));
  down_ = register_module("down", nn::ModuleList());
  for (size_t level = 0; level < config.width_mult.size(); ++level) {
    const int64_t width = config.width * config.width_mult[level];
    AutoencoderLevel stage(channels, width, config.num_res_blocks, config.attention_sizes.count(side) > 0);
    channels = width;
    if (level + 1 < config.width_mult.size()) {
      stage->add_downsample(channels);
      side /= 2;
    }
    down_->push_back(stage);
  }
  mid_ = register_module("mid", AutoencoderMid(channels));
  norm_out_ = register_module("norm_out", layers::GroupNormSiLU(autoencoder_norm(channels)));
  conv_out_ = register_module("conv_out", layers::conv3x3(channels, 2 * config.z_channels));
}

torch::Tensor ImageEncoderImpl::forward(const torch::Tensor& image) {
  auto h = conv_in_(image);
  for (const auto& level : *down_) h = level->as<AutoencoderLevel>()->forward(h);
  return conv_out_(norm_out_(mid_(h)));
}

ImageDecoderImpl::ImageDecoderImpl(const AutoencoderConfig& config) {
  const auto levels = config.width_mult.size();
  int64_t channels = config.width * config.width_mult.back();
  int64_t side = config.resolution / config.factor();
  conv_in_ = register_module("conv_in", layers::conv3x3(config.z_channels, channels));
  mid_ = register_module("mid", AutoencoderMid(channels));
  std::vector<AutoencoderLevel> from_top(levels, nullptr);
  for (size_t level = levels; level-- > 0; side *= 2) {
    const int64_t width = config.width * config.width_mult[level];
    from_top[level] =
        AutoencoderLevel(channels, width, config.num_res_blocks + 1, config.attention_sizes.count(side) > 0);
    channels = width;
    if (level > 0) from_top[level]->add_upsample(channels);
  }
  up_ = register_module("up", nn::ModuleList());
  for (const auto& level : from_top) up_->push_back(level);
  norm_out_ = register_module("norm_out", layers::GroupNormSiLU(autoencoder_norm(channels)));
  conv_out_ = register_module("conv_out", layers::conv3x3(channels, config.out_channels));
}

torch::Tensor ImageDecoderImpl::forward(const torch::Tensor& z) {
  auto h = mid_(conv_in_(z));
  for (size_t level = up_->size(); level-- > 0;) h = up_->ptr(level)->as<AutoencoderLevel>()->forward(h);
  return conv_out_(norm_out_(h));
}

AutoencoderImpl::AutoencoderImpl(const AutoencoderConfig& config) : config_(config) {
  config_.check();
  encoder_ = register_module("encoder", ImageEncoder(config_));
  decoder_ = register_module("decoder", ImageDecoder(config_));
  quant_conv_ = register_module(
      "quant_conv", layers::Conv2d(nn::Conv2dOptions(2 * config_.z_channels, 2 * config_.embed_dim, 1)));
  post_quant_conv_ = register_module(
      "post_quant_conv", layers::Conv2d(nn::Conv2dOptions(config_.embed_dim, config_.z_channels, 1)));
}

torch::Tensor AutoencoderImpl::moments(const torch::Tensor& image) {
  if (image.size(2) % config_.factor() != 0 || image.size(3) % config_.factor() != 0)
    throw Error("pictures for this base must have sides that are multiples of " +
                std::to_string(config_.factor()) + ", not " + std::to_string(image.size(3)) + " x " +
                std::to_string(image.size(2)));
  return quant_conv_(encoder_(image));
}

torch::Tensor AutoencoderImpl::decode(const torch::Tensor& z) {
  return decoder_(post_quant_conv_(z));
}

}  // namespace kizu::ldm
