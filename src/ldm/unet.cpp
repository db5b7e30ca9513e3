#include "ldm/unet.h"

#include <string>

#include "core/error.h"
#include "ldm/checkpoint.h"

namespace kizu::ldm {
namespace nn = torch::nn;

void UNetConfig::check() const {
  const auto positive = [](const char* name, int64_t value) {
    if (value < 1)
      throw Error(std::string("unet: ") + name + " must be positive, not " + std::to_string(value));
  };
  positive("in_channels", in_channels);
  positive("out_channels", out_channels);
  positive("num_res_blocks", num_res_blocks);
  positive("transformer_depth", transformer_depth);
  positive("context_dim", context_dim);
  positive("the number of levels in channel_mult", static_cast<int64_t>(channel_mult.size()));
  if (num_head_channels == -1) positive("num_heads", num_heads);
  for (const auto mult : channel_mult) {
    positive("channel_mult", mult);
    if ((model_channels * mult) % 32 != 0)
      throw Error("unet: model_channels times channel_mult must be a multiple of 32, not " +
                  std::to_string(model_channels * mult));
    const int64_t divisor = num_head_channels == -1 ? num_heads : num_head_channels;
    if (divisor < 1 || (model_channels * mult) % divisor != 0)
      throw Error("unet: " + std::to_string(model_channels * mult) +
                  " channels cannot be divided into heads");
  }
}

void UNetStageImpl::add(layers::Conv2d conv) {
  register_module(std::to_string(children().size()), conv);
}
void UNetStageImpl::add(ResBlock block) {
  register_module(std::to_string(children().size()), block);
}
void UNetStageImpl::add(SpatialTransformer t) {
  register_module(std::to_string(children().size()), t);
}
void UNetStageImpl::add(Downsample down) {
  register_module(std::to_string(children().size()), down);
}
void UNetStageImpl::add(Upsample up) {
  register_module(std::to_string(children().size()), up);
}

torch::Tensor UNetStageImpl::forward(torch::Tensor x, const torch::Tensor& emb, const torch::Tensor& context,
                                     const AttentionWeights* weights) {
  for (const auto& child : children()) {
    if (auto* res = child->as<ResBlock>()) {
      x = res->forward(x, emb);
    } else if (auto* attention = child->as<SpatialTransformer>()) {
      x = attention->forward(x, context, weights);
    } else if (auto* down = child->as<Downsample>()) {
      x = down->forward(x);
    } else if (auto* up = child->as<Upsample>()) {
      x = up->forward(x);
    } else {
      x = child->as<layers::Conv2d>()->forward(x);
    }
  }
  return x;
}

UNetImpl::UNetImpl(const UNetConfig& config) : config_(config) {
  config_.check();
  const int64_t width = config_.model_channels;
  time_embed_ = register_module("time_embed", nn::Sequential(layers::Linear(width, 4 * width), nn::SiLU(),
                                                             layers::Linear(4 * width, 4 * width)));
  auto skips = add_input_blocks();
  const int64_t deepest = skips.back();
  middle_block_ = register_module("middle_block", UNetStage());
  middle_block_->add(ResBlock(deepest, 4 * width, deepest));
  middle_block_->add(transformer(deepest));
  middle_block_->add(ResBlock(deepest, 4 * width, deepest));
  add_output_blocks(std::move(skips));
  const auto last = width * config_.channel_mult.front();
  out_ = register_module(
      "out", nn::Sequential(layers::GroupNormSiLU(32, last), nn::Identity(),
                            layers::Conv2d(nn::Conv2dOptions(last, config_.out_channels, 3).padding(1))));
}

SpatialTransformer UNetImpl::transformer(int64_t channels) const {
  const bool fixed_width = config_.num_head_channels != -1;
  const int64_t heads = fixed_width ? channels / config_.num_head_channels : config_.num_heads;
  return SpatialTransformer(channels, config_.context_dim, heads, channels / heads,
                            config_.transformer_depth);
}

/// Returns the width of each block's output: what the output blocks will be given as skips.
std::vector<int64_t> UNetImpl::add_input_blocks() {
  input_blocks_ = register_module("input_blocks", nn::ModuleList());
  int64_t channels = config_.model_channels, factor = 1;
  UNetStage first;
  first->add(layers::Conv2d(nn::Conv2dOptions(config_.in_channels, channels, 3).padding(1)));
  input_blocks_->push_back(first);
  std::vector<int64_t> skips = {channels};
  for (size_t level = 0; level < config_.channel_mult.size(); ++level) {
    const int64_t width = config_.model_channels * config_.channel_mult[level];
    for (int64_t i = 0; i < config_.num_res_blocks; ++i) {
      UNetStage stage;
      stage->add(ResBlock(channels, 4 * config_.model_channels, width));
      channels = width;
      if (config_.attention_resolutions.count(factor)) stage->add(transformer(channels));
      input_blocks_->push_back(stage);
      skips.push_back(channels);
    }
    if (level + 1 == config_.channel_mult.size()) break;
    UNetStage down;
    down->add(Downsample(channels, channels));
    input_blocks_->push_back(down);
    skips.push_back(channels);
    factor *= 2;
  }
  return skips;
}

void UNetImpl::add_output_blocks(std::vector<int64_t> skips) {
  output_blocks_ = register_module("output_blocks", nn::ModuleList());
  int64_t channels = skips.back();
  for (size_t level = config_.channel_mult.size(); level-- > 0;) {
    const int64_t width = config_.model_channels * config_.channel_mult[level];
    for (int64_t i = 0; i <= config_.num_res_blocks; ++i) {
      UNetStage stage;
      stage->add(ResBlock(channels + skips.back(), 4 * config_.model_channels, width));
      skips.pop_back();
      channels = width;
      if (config_.attention_resolutions.count(int64_t{1} << level)) stage->add(transformer(channels));
      if (level > 0 && i == config_.num_res_blocks) stage->add(Upsample(channels, channels));
      output_blocks_->push_back(stage);
    }
  }
}

torch::Tensor UNetImpl::run(nn::Module& stage, const torch::Tensor& h, const torch::Tensor& emb,
                            const torch::Tensor& context, const AttentionWeights* weights) const {
  auto* blocks = stage.as<UNetStage>();
  if (!checkpointing_) return blocks->forward(h, emb, context, weights);
  TORCH_CHECK(!weights, "UNet: re-weighted attention has no checkpointing");
  return checkpoint([blocks](const auto& in) { return blocks->forward(in[0], in[1], in[2], nullptr); },
                    {h, emb, context});
}

torch::Tensor UNetImpl::forward(const torch::Tensor& x, const torch::Tensor& t, const torch::Tensor& context,
                                const AttentionWeights* weights) {
  // The frequencies are float32 whatever the network's type is.
  const auto emb = time_embed_->forward(timestep_embedding(t, config_.model_channels).to(x.scalar_type()));
  std::vector<torch::Tensor> skips;
  auto h = x;
  for (const auto& block : *input_blocks_) {
    h = run(*block, h, emb, context, weights);
    skips.push_back(h);
  }
  h = run(*middle_block_, h, emb, context, weights);
  for (const auto& block : *output_blocks_) {
    h = run(*block, torch::cat({h, skips.back()}, 1), emb, context, weights);
    skips.pop_back();
  }
  return out_->forward(h);
}

}  // namespace kizu::ldm
