#include "ldm/latent_config.h"
#include "module_case.h"
#include "unet_case.h"

namespace kizu::golden {
namespace {

void run_unet(Case& c) {
  auto unet = make_unet(c.config());
  c.load(*unet, "weights", ldm::kUNetPrefix);
  const auto x = leaf(c, "x"), context = leaf(c, "context");
  const auto forward = [&] { return unet->forward(x, c.tensor("timesteps"), context); };
  compare_both_ways(c, forward, {{"x", x}, {"context", context}});
}
KIZU_GOLDEN_KIND("unet", run_unet);

/// Outputs named dim<N> or <part>_dim<N> embed the input timesteps or <part>_timesteps.
void run_timestep_embedding(Case& c) {
  for (const auto& output : c.names("output")) {
    const auto dim = output.rfind("dim");
    c.compare(output, ldm::timestep_embedding(c.tensor(output.substr(0, dim) + "timesteps"),
                                              std::stoll(output.substr(dim + 3))));
  }
}
KIZU_GOLDEN_KIND("layers.timestep_embedding", run_timestep_embedding);

void run_resblock(Case& c) {
  const auto& config = c.config();
  const int64_t channels = config.at("channels");
  ldm::ResBlock block(channels, config.at("emb_channels"), config.value("out_channels", channels));
  c.load(*block);
  const auto x = leaf(c, "x"), emb = leaf(c, "emb");
  compare_both_ways(c, [&] { return block(x, emb); }, {{"x", x}, {"emb", emb}});
}
KIZU_GOLDEN_KIND("layers.resblock", run_resblock);
KIZU_GOLDEN_KIND("layers.resblock_identity", run_resblock);

void run_downsample(Case& c) {
  const int64_t channels = c.config().at("channels");
  run_unary(c, ldm::Downsample(channels, c.config().value("out_channels", channels)));
}
KIZU_GOLDEN_KIND("layers.downsample", run_downsample);

void run_upsample(Case& c) {
  const int64_t channels = c.config().at("channels");
  run_unary(c, ldm::Upsample(channels, c.config().value("out_channels", channels)));
}
KIZU_GOLDEN_KIND("layers.upsample", run_upsample);

void run_feedforward(Case& c) {
  run_unary(c, ldm::FeedForward(c.config().at("dim"), c.config().value("mult", 4)));
}
KIZU_GOLDEN_KIND("layers.feedforward_geglu", run_feedforward);

/// Calls the module with x and the context, or with x twice where the case has no context.
template <class Module>
void run_with_context(Case& c, Module module) {
  c.load(*module);
  const auto x = leaf(c, "x");
  const auto context = c.has("context") ? leaf(c, "context") : x;
  compare_both_ways(c, [&] { return module->forward(x, context); }, {{"x", x}, {"context", context}});
}

void run_attention(Case& c) {
  const auto& config = c.config();
  const int64_t width = config.at("query_dim");
  run_with_context(c, ldm::CrossAttention(width, config.value("context_dim", width), config.at("heads"),
                                          config.at("dim_head")));
}
KIZU_GOLDEN_KIND("layers.self_attention", run_attention);
KIZU_GOLDEN_KIND("layers.cross_attention", run_attention);

void run_transformer_block(Case& c) {
  const auto& config = c.config();
  run_with_context(c, ldm::TransformerBlock(config.at("dim"), config.at("context_dim"), config.at("n_heads"),
                                            config.at("d_head")));
}
KIZU_GOLDEN_KIND("layers.transformer_block", run_transformer_block);

void run_spatial_transformer(Case& c) {
  const auto& config = c.config();
  run_with_context(
      c, ldm::SpatialTransformer(config.at("in_channels"), config.at("context_dim"), config.at("n_heads"),
                                 config.at("d_head"), config.value("depth", 1)));
}
KIZU_GOLDEN_KIND("layers.spatial_transformer", run_spatial_transformer);

}  // namespace
}  // namespace kizu::golden
