#include "anomaly/spatial_encoder.h"

#include <cmath>

#include "core/error.h"
#include "tensor/initialise.h"
#include "tensor/noise.h"

namespace kizu::anomaly {
namespace nn = torch::nn;
namespace {

nn::Conv2d conv(int64_t in, int64_t out, int64_t kernel, int64_t stride, bool bias) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(bias));
}

bool is_power_of_two(int64_t n) {
  return n > 0 && (n & (n - 1)) == 0;
}

torch::Tensor enlarged_to(const torch::Tensor& x, const torch::Tensor& like) {
  return torch::upsample_bilinear2d(x, {like.size(2), like.size(3)}, true);
}

}  // namespace

void SpatialEncoderConfig::check() const {
  const auto require = [](bool holds, const std::string& entry) {
    if (!holds) throw Error("spatial encoder: " + entry);
  };
  require(tokens >= 1 && tokens <= 64, "tokens must be between 1 and 64");
  require(width >= 1 && head_width >= 1, "width and head_width must be positive");
  require(is_power_of_two(side) && side >= 16, "side must be a power of two, at least 16");
  for (size_t i = 0; i < channels.size(); i++)
    require(channels[i] >= 1 && units[i] >= 1, "channels and units must be positive");
}

EqualLinearImpl::EqualLinearImpl(int64_t in, int64_t out)
    : weight(register_parameter("weight", torch::randn({out, in}))),
      bias(register_parameter("bias", torch::zeros({out}))) {}

torch::Tensor EqualLinearImpl::forward(const torch::Tensor& x) {
  const double scale = 1 / std::sqrt(static_cast<double>(weight.size(1)));
  return nn::functional::linear(x, weight * scale, bias);
}

BottleneckIrImpl::BottleneckIrImpl(int64_t in, int64_t out, int64_t stride) : stride_(stride) {
  if (in != out)
    shortcut_ = register_module(
        "shortcut_layer", nn::Sequential(nn::Conv2d(nn::Conv2dOptions(in, out, 1).stride(stride).bias(false)),
                                         nn::BatchNorm2d(out)));
  residual_ =
      register_module("res_layer", nn::Sequential(nn::BatchNorm2d(in), conv(in, out, 3, 1, false),
                                                  nn::PReLU(nn::PReLUOptions().num_parameters(out)),
                                                  conv(out, out, 3, stride, false), nn::BatchNorm2d(out)));
}

torch::Tensor BottleneckIrImpl::forward(const torch::Tensor& x) {
  const auto shortcut =
      shortcut_ ? shortcut_->forward(x) : x.slice(2, 0, x.size(2), stride_).slice(3, 0, x.size(3), stride_);
  return residual_->forward(x) + shortcut;
}

GradualStyleBlockImpl::GradualStyleBlockImpl(int64_t in, int64_t inner, int64_t out, int64_t side) {
  TORCH_CHECK(is_power_of_two(side) && side > 1, "GradualStyleBlock: side ", side);
  convs_ = register_module("convs", nn::Sequential());
  for (int64_t from = in; side > 1; side /= 2, from = inner) {
    convs_->push_back(conv(from, inner, 3, 2, true));
    convs_->push_back(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.01)));
  }
  linear_ = register_module("linear", EqualLinear(inner, out));
}

torch::Tensor GradualStyleBlockImpl::forward(const torch::Tensor& x) {
  return linear_(convs_->forward(x).flatten(1));
}

GradualStyleEncoderImpl::GradualStyleEncoderImpl(const SpatialEncoderConfig& config) : config_(config) {
  config.check();
  const auto& channels = config.channels;
  input_ = register_module("input_layer",
                           nn::Sequential(conv(3, channels[0], 3, 1, false), nn::BatchNorm2d(channels[0]),
                                          nn::PReLU(nn::PReLUOptions().num_parameters(channels[0]))));
  body_ = register_module("body", nn::ModuleList());
  int64_t width = channels[0];
  for (size_t stage = 0; stage < channels.size(); stage++) {
    for (int64_t unit = 0; unit < config.units[stage]; unit++) {
      body_->push_back(BottleneckIr(width, channels[stage], unit == 0 ? 2 : 1));
      width = channels[stage];
    }
  }
  styles_ = register_module("styles", nn::ModuleList());
  for (int64_t i = 0; i < config.tokens; i++)
    styles_->push_back(GradualStyleBlock(channels[3], config.head_width, config.width, config.side / 4));
  lateral1_ = register_module("latlayer1", nn::Conv2d(nn::Conv2dOptions(channels[2], channels[3], 1)));
  lateral2_ = register_module("latlayer2", nn::Conv2d(nn::Conv2dOptions(channels[1], channels[3], 1)));
}

torch::Tensor GradualStyleEncoderImpl::forward(const torch::Tensor& mask) {
  TORCH_CHECK(
      mask.dim() == 4 && mask.size(1) == 1 && mask.size(2) == config_.side && mask.size(3) == config_.side,
      "spatial encoder: a mask [B, 1, ", config_.side, ", ", config_.side, "], not ", mask.sizes());
  auto x = input_->forward((mask * 2 - 1).repeat({1, 3, 1, 1}));
  std::array<torch::Tensor, 4> stages;  // [B, channels[i], side / 2^(i + 1), ...]
  size_t unit = 0;
  for (size_t stage = 0; stage < stages.size(); stage++) {
    for (int64_t i = 0; i < config_.units[stage]; i++) x = body_->ptr<BottleneckIrImpl>(unit++)->forward(x);
    stages[stage] = x;
  }
  const auto p2 = enlarged_to(stages[3], stages[2]) + lateral1_(stages[2]);
  const auto p1 = enlarged_to(p2, stages[1]) + lateral2_(stages[1]);
  std::vector<torch::Tensor> tokens;
  for (const auto& style : *styles_) tokens.push_back(style->as<GradualStyleBlock>()->forward(p1));
  return torch::stack(tokens, 1);
}

void GradualStyleEncoderImpl::draw_weights(uint64_t seed) {
  initialise(*this, seed);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < styles_->size(); i++) {
    auto weight = named_parameters()["styles." + std::to_string(i) + ".linear.weight"];
    weight.copy_(NoiseStream(mix(seed, "equal linear", i)).normal(weight.sizes()));
  }
}

SpatialTokens spatial_tokens(GradualStyleEncoder encoder, bool training_mode) {
  return [encoder, training_mode](const torch::Tensor& mask) mutable {
    encoder->train(training_mode);
    return encoder->forward(mask);
  };
}

}  // namespace kizu::anomaly
