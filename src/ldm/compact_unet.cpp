#include "ldm/compact_unet.h"

#include <cmath>

#include "tensor/initialise.h"
#include "tensor/neighbourhood.h"

namespace kizu::ldm {
namespace {

// Where in the window a pixel lies: [B, 2, h, w], -1..1 from the first to the last row and column.
torch::Tensor coordinates(const torch::Tensor& like) {
  const auto options = like.options();
  const auto y = torch::linspace(-1, 1, like.size(2), options)
                     .view({1, 1, -1, 1})
                     .expand({like.size(0), 1, -1, like.size(3)});
  const auto x = torch::linspace(-1, 1, like.size(3), options)
                     .view({1, 1, 1, -1})
                     .expand({like.size(0), 1, like.size(2), -1});
  return torch::cat({y, x}, 1);
}

constexpr int64_t kMaskChannels = 16;
constexpr int64_t kFrequencies = 32;

}  // namespace

torch::Tensor mask_channels(const torch::Tensor& mask) {
  return torch::pixel_unshuffle(torch::avg_pool2d(mask, 2), 4);
}

torch::Tensor touched_latents(const torch::Tensor& mask, int64_t radius) {
  return (dilate(torch::max_pool2d(mask, 8), radius) > 0).to(mask.dtype());
}

CompactUNet::CompactUNet(const CompactUNetConfig& config, uint64_t seed) : config_(config) {
  const auto [a, b, c] = config.channels;
  const int64_t time = config.time_dim;
  const auto block = [&](const char* name, int64_t in, int64_t out) {
    return register_module(name, std::make_shared<FilmResBlock>(in, out, time));
  };
  const auto attend = [&](const char* name, int64_t channels) {
    return register_module(name, std::make_shared<TokenBlock>(channels, config.context_dim, config.heads));
  };
  time1_ = register_module("time1", layers::Linear(2 * kFrequencies, time));
  time2_ = register_module("time2", layers::Linear(time, time));
  in_ = register_module("in", layers::conv3x3(2 * config.latent_channels + kMaskChannels + 3, a));
  enter0_ = block("enter0", a, a);
  down0_ = register_module("down0", layers::conv3x3(a, b, 2));
  enter1_ = block("enter1", b, b);
  attend1_ = attend("attend1", b);
  down1_ = register_module("down1", layers::conv3x3(b, c, 2));
  enter2_ = block("enter2", c, c);
  attend2_ = attend("attend2", c);
  middle1_ = block("middle1", c, c);
  attend_middle_ = attend("attend_middle", c);
  middle2_ = block("middle2", c, c);
  leave2_ = block("leave2", 2 * c, c);
  attend_up2_ = attend("attend_up2", c);
  up2_ = register_module("up2", layers::DoublingConv2d(c, b));
  leave1_ = block("leave1", 2 * b, b);
  attend_up1_ = attend("attend_up1", b);
  up1_ = register_module("up1", layers::DoublingConv2d(b, a));
  leave0_ = block("leave0", 2 * a, a);
  last_ = block("last", a, a);
  out_norm_ = register_module("out_norm", layers::GroupNormSiLU(8, a));
  out_ = register_module("out", layers::conv3x3(a, config.latent_channels));
  torch::nn::init::zeros_(out_->weight);
  initialise(*this, seed);
}

torch::Tensor CompactUNet::embed_time(const torch::Tensor& t) {
  const auto exponent =
      torch::arange(kFrequencies, torch::TensorOptions().dtype(torch::kFloat32).device(t.device()));
  const auto angle =
      t.to(torch::kFloat32).unsqueeze(1) * torch::exp(exponent * (-std::log(10000.0) / kFrequencies));
  return torch::silu(time2_(torch::silu(time1_(torch::cat({angle.cos(), angle.sin()}, 1)))));  // [B, time]
}

torch::Tensor CompactUNet::forward(const torch::Tensor& x_t, const torch::Tensor& t,
                                   const CompactCondition& condition, const AttentionMap* attention) {
  const auto time = embed_time(t);
  const auto& context = condition.context;
  const auto input =
      torch::cat({x_t, condition.background, condition.known, condition.mask, coordinates(x_t)}, 1);
  const auto h0 = enter0_->forward(in_(input), time);  // [B, a, h, w]
  const auto h1 =
      attend1_->forward(enter1_->forward(down0_(h0), time), context, attention);  // [B, b, h/2, w/2]
  const auto h2 =
      attend2_->forward(enter2_->forward(down1_(h1), time), context, attention);  // [B, c, h/4, w/4]
  auto h = attend_middle_->forward(middle1_->forward(h2, time), context, attention);
  h = leave2_->forward(torch::cat({middle2_->forward(h, time), h2}, 1), time);
  h = up2_(attend_up2_->forward(h, context, attention));  // [B, b, h/2, w/2]
  h = leave1_->forward(torch::cat({h, h1}, 1), time);
  h = up1_(attend_up1_->forward(h, context, attention));  // [B, a, h, w]
  h = last_->forward(leave0_->forward(torch::cat({h, h0}, 1), time), time);
  return out_(out_norm_(h));
}

}  // namespace kizu::ldm
