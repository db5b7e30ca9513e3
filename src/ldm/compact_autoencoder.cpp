#include "ldm/compact_autoencoder.h"

#include "tensor/initialise.h"

namespace kizu::ldm {
PlainResBlock::PlainResBlock(int64_t channels) {
  conv1 = register_module("conv1", layers::conv3x3(channels, channels));
  conv2 = register_module("conv2", layers::conv3x3(channels, channels));
  torch::nn::init::zeros_(conv2->weight);
}

torch::Tensor PlainResBlock::forward(const torch::Tensor& x) {
  return x + conv2(torch::relu(conv1(torch::relu(x))));
}

CompactAutoencoder::CompactAutoencoder(const CompactAutoencoderConfig& config, uint64_t seed)
    : config_(config) {
  const int64_t quarter = config.quarter_width, eighth = config.eighth_width, latent = config.latent_channels;
  torch::nn::Sequential encoder, decoder;
  encoder->push_back(torch::nn::PixelUnshuffle(4));  // [B, 48, H/4, W/4]
  encoder->push_back(layers::conv3x3(48, quarter));
  for (int64_t i = 0; i < config.blocks; i++) encoder->push_back(PlainResBlock(quarter));
  encoder->push_back(layers::conv3x3(quarter, eighth, 2));  // [B, eighth, H/8, W/8]
  for (int64_t i = 0; i < config.blocks; i++) encoder->push_back(PlainResBlock(eighth));
  encoder->push_back(torch::nn::ReLU());
  encoder->push_back(layers::conv3x3(eighth, latent));

  decoder->push_back(layers::conv3x3(latent, eighth));
  for (int64_t i = 0; i <= config.blocks; i++) decoder->push_back(PlainResBlock(eighth));
  decoder->push_back(torch::nn::ReLU());
  decoder->push_back(layers::conv3x3(eighth, 4 * quarter));
  decoder->push_back(torch::nn::PixelShuffle(2));  // [B, quarter, H/4, W/4]
  for (int64_t i = 0; i <= config.blocks; i++) decoder->push_back(PlainResBlock(quarter));
  decoder->push_back(torch::nn::ReLU());
  decoder->push_back(layers::conv3x3(quarter, 48));
  decoder->push_back(torch::nn::PixelShuffle(4));  // [B, 3, H, W]

  encoder_ = register_module("encoder", encoder);
  decoder_ = register_module("decoder", decoder);
  mean_ = register_buffer("mean", torch::zeros({1, latent, 1, 1}));
  std_ = register_buffer("std", torch::ones({1, latent, 1, 1}));
  initialise(*this, seed);
}

torch::Tensor CompactAutoencoder::encode_raw(const torch::Tensor& image_pm1) {
  return torch::tanh(encoder_->forward(image_pm1) / 3) * 3;
}

torch::Tensor CompactAutoencoder::decode_raw(const torch::Tensor& raw) {
  return decoder_->forward(raw);
}

torch::Tensor CompactAutoencoder::encode(const torch::Tensor& image_pm1) {
  return (encode_raw(image_pm1) - mean_) / std_;
}

torch::Tensor CompactAutoencoder::decode(const torch::Tensor& latent) {
  return decode_raw(latent * std_ + mean_);
}

void CompactAutoencoder::set_normalisation(const torch::Tensor& raw) {
  const torch::NoGradGuard no_grad;
  mean_.copy_(raw.mean({0, 2, 3}, true));
  std_.copy_(raw.std(torch::IntArrayRef{0, 2, 3}, false, true).clamp_min(1e-3));
}

}  // namespace kizu::ldm
