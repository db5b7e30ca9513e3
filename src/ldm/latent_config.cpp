#include "ldm/latent_config.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "ldm/without_weights.h"
#include "tensor/convert.h"

namespace kizu::ldm {
namespace {

using nlohmann::json;

/// Calls field(name, member) for every entry of a part, for reading and writing alike.
template <class Config, class Field>
void each_unet(Config& c, const Field& field) {
  field("in_channels", c.in_channels);
  field("out_channels", c.out_channels);
  field("model_channels", c.model_channels);
  field("num_res_blocks", c.num_res_blocks);
  field("channel_mult", c.channel_mult);
  field("attention_resolutions", c.attention_resolutions);
  field("num_heads", c.num_heads);
  field("num_head_channels", c.num_head_channels);
  field("transformer_depth", c.transformer_depth);
  field("context_dim", c.context_dim);
}

template <class Config, class Field>
void each_autoencoder(Config& c, const Field& field) {
  field("in_channels", c.in_channels);
  field("out_channels", c.out_channels);
  field("z_channels", c.z_channels);
  field("embed_dim", c.embed_dim);
  field("width", c.width);
  field("width_mult", c.width_mult);
  field("num_res_blocks", c.num_res_blocks);
  field("resolution", c.resolution);
  field("attention_sizes", c.attention_sizes);
}

template <class Config, class Field>
void each_text(Config& c, const Field& field) {
  field("vocabulary", c.vocabulary);
  field("max_length", c.max_length);
  field("width", c.width);
  field("layers", c.layers);
  field("heads", c.heads);
  field("dim_head", c.dim_head);
  field("ff_width", c.ff_width);
}

template <class Config, class Field>
void each_number(Config& c, const Field& field) {
  field("scale_factor", c.scale_factor);
  field("linear_start", c.linear_start);
  field("linear_end", c.linear_end);
  field("timesteps", c.timesteps);
}

struct Writer {
  json& into;
  template <class T>
  void operator()(const char* name, const T& value) const {
    into[name] = value;
  }
};

constexpr int64_t kMost = 1 << 20;  // of any number in a config: what is larger is damaged

/// Takes every entry of a JSON object once; finish() refuses what is left.
class Reader {
 public:
  Reader(const json& from, std::string where) : from_(from), where_(std::move(where)) {
    if (!from_.is_object()) refuse("is not an object");
  }

  void operator()(const char* name, int64_t& value) const { value = integer(take(name), name); }
  void operator()(const char* name, double& value) const {
    const json& found = take(name);
    if (!found.is_number() || !(found.get<double>() > 0 && found.get<double>() < 1e6))
      refuse(std::string("needs a positive number '") + name + "'");
    value = found.get<double>();
  }
  void operator()(const char* name, std::vector<int64_t>& value) const { value = list(name); }
  void operator()(const char* name, std::set<int64_t>& value) const {
    const auto found = list(name);
    value = {found.begin(), found.end()};
  }
  const json& take(const std::string& name) const {
    if (!from_.contains(name)) refuse("lacks '" + name + "'");
    known_.insert(name);
    return from_.at(name);
  }
  void finish() const {
    for (const auto& item : from_.items())
      if (known_.count(item.key()) == 0) refuse("has the unknown key '" + item.key() + "'");
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error(where_ + " " + what); }
  int64_t integer(const json& value, const std::string& name) const {
    if (!value.is_number_integer() || value.get<int64_t>() < -1 || value.get<int64_t>() > kMost)
      refuse("needs whole numbers from -1 to " + std::to_string(kMost) + " in '" + name + "'");
    return value.get<int64_t>();
  }
  std::vector<int64_t> list(const std::string& name) const {
    const json& found = take(name);
    if (!found.is_array() || found.size() > 16)
      refuse("needs a list of at most 16 numbers in '" + name + "'");
    std::vector<int64_t> values;
    for (const auto& value : found) values.push_back(integer(value, name));
    return values;
  }

  const json& from_;
  std::string where_;
  mutable std::set<std::string> known_;
};

const char* const kSchedule[] = {"betas",
                                 "alphas_cumprod",
                                 "alphas_cumprod_prev",
                                 "sqrt_alphas_cumprod",
                                 "sqrt_one_minus_alphas_cumprod",
                                 "log_one_minus_alphas_cumprod",
                                 "sqrt_recip_alphas_cumprod",
                                 "sqrt_recipm1_alphas_cumprod",
                                 "posterior_variance",
                                 "posterior_log_variance_clipped",
                                 "posterior_mean_coef1",
                                 "posterior_mean_coef2"};

void add_tensors(TensorInfos& layout, const torch::nn::Module& module, const std::string& prefix) {
  for (const auto& [name, tensor] : state_of(module, prefix))
    layout[name] = {Dtype::F32, tensor.sizes().vec()};
}

}  // namespace

LatentDiffusionConfig LatentDiffusionConfig::sd1() {
  LatentDiffusionConfig config;
  config.text = TextEncoderConfig::sd1();
  config.unet.context_dim = config.text.width;
  return config;
}

void LatentDiffusionConfig::check() const {
  unet.check();
  autoencoder.check();
  text.check();
  if (unet.context_dim != text.width)
    throw Error("the U-Net's context_dim " + std::to_string(unet.context_dim) +
                " is not the text encoder's width " + std::to_string(text.width));
  if (unet.in_channels != autoencoder.embed_dim || unet.out_channels != autoencoder.embed_dim)
    throw Error("the U-Net's channels are not the autoencoder's embed_dim " +
                std::to_string(autoencoder.embed_dim));
  if (autoencoder.in_channels != 3 || autoencoder.out_channels != 3)
    throw Error("the autoencoder must read and give 3 channels");
}

void to_json(json& into, const LatentDiffusionConfig& config) {
  into = json::object();
  each_unet(config.unet, Writer{into["unet"]});
  each_autoencoder(config.autoencoder, Writer{into["autoencoder"]});
  each_text(config.text, Writer{into["text_encoder"]});
  each_number(config, Writer{into});
}

void from_json(const json& from, LatentDiffusionConfig& config) {
  const Reader all(from, "'config'");
  const Reader unet(all.take("unet"), "'unet'");
  each_unet(config.unet, unet);
  const Reader autoencoder(all.take("autoencoder"), "'autoencoder'");
  each_autoencoder(config.autoencoder, autoencoder);
  const Reader text(all.take("text_encoder"), "'text_encoder'");
  each_text(config.text, text);
  each_number(config, all);
  for (const auto* reader : {&unet, &autoencoder, &text, &all}) reader->finish();
  config.check();
}

TensorInfos needed_tensors(const LatentDiffusionConfig& config) {
  const WithoutWeights scope;
  TensorInfos layout;
  add_tensors(layout, *UNet(config.unet), kUNetPrefix);
  add_tensors(layout, *Autoencoder(config.autoencoder), kAutoencoderPrefix);
  add_tensors(layout, *TextEncoder(config.text), kTextPrefix);
  return layout;
}

TensorInfos known_extras(const LatentDiffusionConfig& config) {
  TensorInfos layout;
  for (const char* name : kSchedule) layout[name] = {Dtype::F32, {config.timesteps}};
  for (const auto& [name, unused] : unused_tensors(config.text)) layout[kTextPrefix + name] = unused;
  return layout;
}

}  // namespace kizu::ldm
