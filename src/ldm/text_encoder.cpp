#include "ldm/text_encoder.h"

#include <limits>

#include "core/error.h"
#include "layers/attend.h"
#include "layers/gelu.h"
#include "ldm/checkpoint.h"

namespace kizu::ldm {
namespace nn = torch::nn;
namespace {

using Parent = std::shared_ptr<nn::Module>;

Parent child(const Parent& parent, const std::string& name) {
  return parent->register_module(name, std::make_shared<nn::Module>());
}

}  // namespace

std::string name_of(BaseFamily family) {
  return family == BaseFamily::kLdmBert ? "ldm-bert" : "sd1-clip";
}

BaseFamily family_named(const std::string& name) {
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip})
    if (name == name_of(family)) return family;
  throw Error("unknown architecture \"" + name + "\"; known are ldm-bert and sd1-clip");
}

TextEncoderConfig TextEncoderConfig::sd1() {
  return {BaseFamily::kSd1Clip, 49408, 77, 768, 12, 12, 64, 3072, false};
}

void TextEncoderConfig::check() const {
  const auto positive = [](const char* name, int64_t value) {
    if (value < 1)
      throw Error(std::string("text encoder: ") + name + " must be positive, not " + std::to_string(value));
  };
  positive("vocabulary", vocabulary);
  positive("max_length", max_length);
  positive("width", width);
  positive("layers", layers);
  positive("heads", heads);
  positive("dim_head", dim_head);
  positive("ff_width", ff_width);
  if (family == BaseFamily::kSd1Clip && heads * dim_head != width)
    throw Error("text encoder: heads times dim_head must be the width " + std::to_string(width) + ", not " +
                std::to_string(heads * dim_head));
}

TextEncoderImpl::TextEncoderImpl(const TextEncoderConfig& config) : config_(config) {
  config_.check();
  tokens_ = nn::Embedding(config_.vocabulary, config_.width);
  positions_ = nn::Embedding(config_.max_length, config_.width);
  for (int64_t i = 0; i < config_.layers; ++i) layers_.push_back(make_layer());
  norm_ = nn::LayerNorm(nn::LayerNormOptions({config_.width}));
  config_.family == BaseFamily::kLdmBert ? register_bert() : register_clip();
}

TextLayer TextEncoderImpl::make_layer() const {
  const int64_t width = config_.width, inner = config_.heads * config_.dim_head;
  const bool biased = config_.family == BaseFamily::kSd1Clip;
  const auto projection = [&] { return layers::Linear(nn::LinearOptions(width, inner).bias(biased)); };
  TextLayer layer;
  layer.attention_norm = nn::LayerNorm(nn::LayerNormOptions({width}));
  layer.q = projection();
  layer.k = projection();
  layer.v = projection();
  layer.out = layers::Linear(inner, width);
  layer.ff_norm = nn::LayerNorm(nn::LayerNormOptions({width}));
  layer.ff_in = layers::Linear(width, config_.ff_width);
  layer.ff_out = layers::Linear(config_.ff_width, width);
  return layer;
}

void TextEncoderImpl::register_bert() {
  const auto transformer = register_module("transformer", std::make_shared<nn::Module>());
  transformer->register_module("token_emb", tokens_);
  child(transformer, "pos_emb")->register_module("emb", positions_);
  const auto layers = child(child(transformer, "attn_layers"), "layers");
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    const auto attention = child(layers, std::to_string(2 * i));
    attention->register_module("0", layer.attention_norm);
    const auto projections = child(attention, "1");
    projections->register_module("to_q", layer.q);
    projections->register_module("to_k", layer.k);
    projections->register_module("to_v", layer.v);
    projections->register_module("to_out", layer.out);
    const auto ff = child(layers, std::to_string(2 * i + 1));
    ff->register_module("0", layer.ff_norm);
    const auto net = child(child(ff, "1"), "net");
    child(net, "0")->register_module("0", layer.ff_in);
    net->register_module("2", layer.ff_out);
  }
  transformer->register_module("norm", norm_);
  if (config_.logits)
    to_logits_ = transformer->register_module("to_logits", layers::Linear(config_.width, config_.vocabulary));
}

void TextEncoderImpl::register_clip() {
  const auto text_model = child(register_module("transformer", std::make_shared<nn::Module>()), "text_model");
  const auto embeddings = child(text_model, "embeddings");
  embeddings->register_module("token_embedding", tokens_);
  embeddings->register_module("position_embedding", positions_);
  const auto layers = child(child(text_model, "encoder"), "layers");
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    const auto self = child(layers, std::to_string(i));
    const auto attention = child(self, "self_attn");
    attention->register_module("k_proj", layer.k);
    attention->register_module("v_proj", layer.v);
    attention->register_module("q_proj", layer.q);
    attention->register_module("out_proj", layer.out);
    self->register_module("layer_norm1", layer.attention_norm);
    const auto mlp = child(self, "mlp");
    mlp->register_module("fc1", layer.ff_in);
    mlp->register_module("fc2", layer.ff_out);
    self->register_module("layer_norm2", layer.ff_norm);
  }
  text_model->register_module("final_layer_norm", norm_);
}

torch::Tensor TextEncoderImpl::embed(const torch::Tensor& ids) {
  const auto outside = (ids < 0) | (ids >= config_.vocabulary);
  if (outside.any().item<bool>())
    throw Error("a text has the token id " + std::to_string(ids.masked_select(outside)[0].item<int64_t>()) +
                ", but the base model knows " + std::to_string(config_.vocabulary) +
                " tokens; use the vocabulary that belongs to it");
  return tokens_(ids);
}

torch::Tensor TextEncoderImpl::with_positions(const torch::Tensor& embeddings) {
  TORCH_CHECK(embeddings.dim() == 3 && embeddings.size(2) == config_.width, "token embeddings ",
              embeddings.sizes(), " for a text encoder of width ", config_.width);
  TORCH_CHECK(embeddings.size(1) <= config_.max_length, embeddings.size(1), " tokens, more than ",
              config_.max_length);
  return embeddings + positions_->weight.slice(0, 0, embeddings.size(1));
}

torch::Tensor TextEncoderImpl::run(TextLayer layer, const torch::Tensor& x, const torch::Tensor& bias) const {
  const auto y = layer.attention_norm(x);
  const auto h = layer.out->add_to(
      x, layers::attend(layer.q(y), layer.k(y), layer.v(y), config_.heads, {bias, {}, false}));
  const auto wide = layer.ff_in(layer.ff_norm(h));
  const auto kind = config_.family == BaseFamily::kSd1Clip ? layers::Gelu::kSigmoid : layers::Gelu::kExact;
  return layer.ff_out->add_to(h, layers::gelu(wide, kind));
}

torch::Tensor TextEncoderImpl::transform(const torch::Tensor& embedded) {
  torch::Tensor bias;
  if (config_.family == BaseFamily::kSd1Clip) {
    // In float32 first: libtorch 1.13 has no triu in bfloat16 on a GPU.
    const auto hidden = torch::full({}, -std::numeric_limits<float>::infinity(),
                                    torch::TensorOptions(torch::kFloat32).device(embedded.device()));
    bias = hidden.repeat({embedded.size(1), embedded.size(1)}).triu(1).to(embedded.scalar_type());
  }
  auto x = embedded;
  for (const auto& layer : layers_) {
    if (!checkpointing_)
      x = run(layer, x, bias);
    else
      x = checkpoint([this, layer, bias](const auto& in) { return run(layer, in[0], bias); }, {x});
  }
  return norm_(x);
}

torch::Tensor TextEncoderImpl::logits(const torch::Tensor& context) {
  TORCH_CHECK(to_logits_, "this text encoder was made without its logits");
  return to_logits_(context);
}

TensorInfos unused_tensors(const TextEncoderConfig& config) {
  if (config.family == BaseFamily::kSd1Clip)
    return {{"transformer.text_model.embeddings.position_ids", {Dtype::I64, {1, config.max_length}}}};
  if (config.logits) return {};
  return {{"transformer.to_logits.weight", {Dtype::F32, {config.vocabulary, config.width}}},
          {"transformer.to_logits.bias", {Dtype::F32, {config.vocabulary}}}};
}

}  // namespace kizu::ldm
