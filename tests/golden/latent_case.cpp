#include "latent_case.h"

#include <stdexcept>

namespace kizu::golden {

ldm::Autoencoder make_autoencoder(const nlohmann::json& ddconfig, int64_t embed_dim) {
  if (!ddconfig.value("double_z", true)) throw std::runtime_error("only autoencoders with double_z exist");
  ldm::AutoencoderConfig config;
  config.in_channels = ddconfig.at("in_channels");
  config.out_channels = ddconfig.at("out_ch");
  config.z_channels = ddconfig.at("z_channels");
  config.embed_dim = embed_dim;
  config.width = ddconfig.at("ch");
  config.width_mult = ddconfig.at("ch_mult").get<std::vector<int64_t>>();
  config.num_res_blocks = ddconfig.at("num_res_blocks");
  config.resolution = ddconfig.at("resolution");
  config.attention_sizes = ddconfig.at("attn_resolutions").get<std::set<int64_t>>();
  return ldm::Autoencoder(config);
}

ldm::TextEncoder make_text_encoder(const nlohmann::json& config, bool logits) {
  ldm::TextEncoderConfig text;
  text.vocabulary = config.value("vocab_size", text.vocabulary);
  text.max_length = config.value("max_seq_len", text.max_length);
  text.width = config.at("n_embed");
  text.layers = config.at("n_layer");
  text.heads = config.value("heads", text.heads);
  text.dim_head = config.value("dim_head", text.dim_head);
  text.ff_width = text.width * config.value("ff_mult", 4);
  text.logits = logits;
  return ldm::TextEncoder(text);
}

}  // namespace kizu::golden
