#include "concepts_case.h"

#include "anomaly/captions.h"
#include "latent_case.h"
#include "unet_case.h"

namespace kizu::golden {
namespace {

constexpr const char* kEmbedding = "embedding.";

bool has_logits(const NamedTensors& weights) {
  const std::string name = "transformer.to_logits.weight";
  return weights.count(name) + weights.count(ldm::kTextPrefix + name) != 0;
}

}  // namespace

ldm::LatentDiffusion load_base(const Case& c) {
  ldm::LatentDiffusion base;
  const auto& config = c.config();
  base.config.linear_start = config.value("linear_start", base.config.linear_start);
  base.config.linear_end = config.value("linear_end", base.config.linear_end);
  base.config.timesteps = config.value("timesteps", base.config.timesteps);
  base.config.scale_factor = config.value("scale_factor", base.config.scale_factor);
  if (config.contains("unet")) {
    base.unet = load_unet(c);
    base.config.unet = base.unet->config();
  }
  const std::string text_entry =
      c.json().contains("text_encoder_weights") ? "text_encoder_weights" : "weights";
  base.text = make_text_encoder(config, has_logits(c.weights(text_entry)));
  c.load(*base.text, text_entry, ldm::kTextPrefix);
  base.config.text = base.text->config();
  if (config.contains("vae")) {
    base.autoencoder = make_autoencoder(config.at("vae"), config.at("embed_dim"));
    c.load(*base.autoencoder, "vae_weights", ldm::kAutoencoderPrefix);
    base.config.autoencoder = base.autoencoder->config();
    for (auto& parameter : base.autoencoder->parameters()) parameter.set_requires_grad(false);
  }
  for (auto& parameter : base.text->parameters()) parameter.set_requires_grad(false);
  return base;
}

anomaly::SpatialTokens stand_in(torch::Tensor weight, torch::Tensor bias, int64_t width) {
  return [weight, bias, width](const torch::Tensor& mask) {
    const auto cells = torch::adaptive_avg_pool2d(mask, {8, 8}).flatten(1);
    return torch::nn::functional::linear(cells, weight, bias).reshape({mask.size(0), -1, width});
  };
}

anomaly::Concepts load_concepts(const Case& c) {
  anomaly::Concepts concepts;
  const auto leaf = [&](const std::string& name) { return c.tensor(name).clone().set_requires_grad(true); };
  for (const auto& name : c.names("input"))
    if (name.rfind(kEmbedding, 0) == 0)
      concepts.embeddings[name.substr(std::string(kEmbedding).size())] = leaf(name);
  if (c.has("spatial.weight")) {
    const auto weight = leaf("spatial.weight"), bias = leaf("spatial.bias");
    concepts.spatial = stand_in(weight, bias, c.config().at("n_embed"));
    concepts.shared = {{"spatial.weight", weight, 1}, {"spatial.bias", bias, 1}};
  }
  return concepts;
}

torch::Tensor ids_of(const std::vector<std::string>& texts, int64_t max_length) {
  std::vector<torch::Tensor> rows;
  for (const auto& text : texts)
    rows.push_back(torch::tensor(anomaly::caption_ids(text, max_length), torch::kInt64));
  return torch::stack(rows);
}

}  // namespace kizu::golden
