#include "inspection/light_net.h"

#include <cmath>

#include "inspection/light_layers.h"
#include "layers/exact.h"
#include "tensor/noise.h"

namespace kizu::inspection {
namespace {

constexpr int kLevels = 5;
static_assert(1 << kLevels == kCoarsestCell);
// max(x, 0) of a standard normal has standard deviation 0.5835; this makes it 1 again.
constexpr double kReluGain = 1.7139588594436646;

torch::Tensor activated(const torch::Tensor& x) {
  return torch::relu(x) * kReluGain;
}

int64_t channels_at(int level, int64_t width) {
  return width * std::min(8, 1 << level);
}

}  // namespace

StandardConv::StandardConv(int64_t in, int64_t out, int64_t kernel, int64_t stride) : stride_(stride) {
  weight_ = register_parameter("weight", torch::ones({out, in, kernel, kernel}));
  gain_ = register_parameter("gain", torch::ones({out}));
  bias_ = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor StandardConv::filters() const {
  const auto flat = weight_.flatten(1);  // [out, fan_in]
  const auto centred = flat - flat.mean(1, true);
  const auto scale = gain_ / (centred.square().sum(1) + 1e-6).sqrt();
  return (centred * scale.unsqueeze(1)).view_as(weight_);
}

torch::Tensor StandardConv::forward(const torch::Tensor& x) {
  return torch::conv2d(x, filters(), bias_, stride_, weight_.size(2) / 2);
}

torch::Tensor StandardConv::scaled(const torch::Tensor& x, double before, double after,
                                   const torch::Tensor& strength) {
  const bool by_strength = strength.defined();
  const auto gain = by_strength ? gain_ * strength : gain_;
  auto bias = after == 1 ? bias_ : bias_ * after;
  if (by_strength) bias = bias * strength;
  return torch::conv2d(x, standardised(weight_, gain, before * after), bias, stride_, weight_.size(2) / 2);
}

LightNet::LightNet(int64_t width) {
  const auto conv = [&](const std::string& name, int64_t in, int64_t out, int64_t kernel,
                        int64_t stride = 1) {
    return register_module(name, std::make_shared<StandardConv>(in, out, kernel, stride));
  };
  stem_ = conv("stem", 12, width, 3);
  for (int level = 0; level < kLevels; level++) {
    const int64_t here = channels_at(level, width), above = channels_at(level - 1, width);
    const auto number = std::to_string(level);
    if (level > 0) {
      down_.push_back(conv("down" + number, above, here, 3, 2));
      up_.push_back(conv("up" + number, here, above, 1));
      decoder_.push_back(block("decoder" + std::to_string(level - 1), above, 1));
    }
    encoder_.push_back(block("encoder" + number, here, 2));
  }
  head_ = conv("head", width, 8, 3);
}

LightNet::Block LightNet::block(const std::string& name, int64_t channels, int convs) {
  Block made;
  for (int i = 0; i < convs; i++) {
    made.convs.push_back(register_module(name + "_" + std::to_string(i),
                                         std::make_shared<StandardConv>(channels, channels, 3)));
  }
  made.strength = register_parameter(name + "_strength", torch::full({1}, 0.5));
  return made;
}

torch::Tensor LightNet::run(const Block& block, const torch::Tensor& x) {
  auto change = x;
  for (std::size_t i = 0; i < block.convs.size(); i++) {
    const bool last = i + 1 == block.convs.size();
    change =
        block.convs[i]->scaled(torch::relu(change), kReluGain, 1, last ? block.strength : torch::Tensor());
  }
  return x + change;
}

torch::Tensor LightNet::run_plain(const Block& block, const torch::Tensor& x) {
  auto change = x;
  for (const auto& conv : block.convs) change = conv->forward(activated(change));
  return x + block.strength * change;
}

torch::Tensor LightNet::forward(const torch::Tensor& image_01) {
  if (layers::is_exact() || !image_01.is_cpu() || image_01.scalar_type() != torch::kFloat32)
    return forward_plain(image_01);
  const int64_t height = image_01.size(2), width = image_01.size(3);
  const auto padded = pad_to_multiple(image_01, kCoarsestCell);
  const auto seen =
      torch::pixel_unshuffle((padded - 0.5) * 4, 2).contiguous(torch::MemoryFormat::ChannelsLast);
  auto x = stem_->scaled(seen, 1, 1);  // [N, w, H/2, W/2], channels-last from here on
  std::vector<torch::Tensor> levels;
  for (int level = 0; level < kLevels; level++) {
    if (level > 0) x = down_[level - 1]->scaled(torch::relu(x), kReluGain, 1);
    x = run(encoder_[level], x);  // [N, w * min(8, 2^level), H / 2^(level+1), W / 2^(level+1)]
    levels.push_back(x);
  }
  for (int level = kLevels - 2; level >= 0; level--) {
    const auto small = up_[level]->scaled(torch::relu(x), kReluGain, M_SQRT1_2);
    x = run(decoder_[level], enlarged_plus(small, levels[level], M_SQRT1_2));
  }
  const auto logits = torch::pixel_shuffle(head_->scaled(torch::relu(x), kReluGain, 1), 2);  // [N, 2, H, W]
  return logits.slice(2, 0, height).slice(3, 0, width);
}

torch::Tensor LightNet::forward_plain(const torch::Tensor& image_01) {
  const int64_t height = image_01.size(2), width = image_01.size(3);
  const auto padded = pad_to_multiple(image_01, kCoarsestCell);
  auto x = stem_->forward(torch::pixel_unshuffle((padded - 0.5) * 4, 2));
  std::vector<torch::Tensor> levels;
  for (int level = 0; level < kLevels; level++) {
    if (level > 0) x = down_[level - 1]->forward(activated(x));
    x = run_plain(encoder_[level], x);
    levels.push_back(x);
  }
  for (int level = kLevels - 2; level >= 0; level--) {
    const auto wide = torch::upsample_nearest2d(up_[level]->forward(activated(x)),
                                                {levels[level].size(2), levels[level].size(3)});
    x = run_plain(decoder_[level], (wide + levels[level]) * M_SQRT1_2);
  }
  const auto logits = torch::pixel_shuffle(head_->forward(activated(x)), 2);
  return logits.slice(2, 0, height).slice(3, 0, width);
}

void LightNet::draw_weights(uint64_t seed) {
  const torch::NoGradGuard no_grad;
  for (auto& item : named_parameters()) {
    auto value = item.value();
    if (value.dim() < 2) continue;
    // The scale does not show in the output; it says how far one step of Adam turns a filter.
    const double fan_in = static_cast<double>(value.numel() / value.size(0));
    value.copy_(NoiseStream(mix(seed, item.key())).normal(value.sizes()) / std::sqrt(fan_in));
  }
  // Starts out calm: nearly everything is good.
  auto parameters = named_parameters();
  parameters["head.gain"].fill_(0.25);
  parameters["head.bias"].slice(0, 0, 4).fill_(1.5);
  parameters["head.bias"].slice(0, 4, 8).fill_(-1.5);
}

}  // namespace kizu::inspection
