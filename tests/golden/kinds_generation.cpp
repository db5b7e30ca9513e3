#include "anomaly/generated_mask.h"
#include "anomaly/painting.h"
#include "concepts_case.h"
#include "unet_case.h"

namespace kizu::golden {
namespace {

void run_mask_postprocess(Case& c) {
  anomaly::GeneratedMaskOptions options;
  options.threshold = c.config().at("threshold");
  const auto masks = anomaly::masks_from_pictures(c.tensor("decoded"), options);
  c.compare("mask", masks);
  c.compare("kept", anomaly::plausible_masks(masks, options));
  c.compare("edge_kept", anomaly::plausible_masks(c.tensor("edge_mask"), options));
}
KIZU_GOLDEN_KIND("anomaly.mask_postprocess", run_mask_postprocess);

anomaly::SamplingDraws given_draws(const Case& c) {
  anomaly::SamplingDraws draws;
  if (c.has("noise_posterior")) draws.posterior = c.tensor("noise_posterior");
  draws.x_T = c.tensor("x_T");
  if (c.has("noise_orig")) draws.known = given_noise(c.tensor("noise_orig"));
  draws.step = given_noise(c.tensor("noise_step"));
  return draws;
}

void run_mask_model(Case& c) {
  const torch::NoGradGuard no_grad;
  auto base = load_base(c);
  const auto learned = c.tensor("placeholder_embedding");
  const auto ids = c.tensor("ids");
  const auto context =
      anomaly::context_of(base.text, ids, learned.unsqueeze(0).expand({ids.size(0), -1, -1}));
  auto without = anomaly::context_of(base.text, c.tensor("ids_of_empty_text"));
  without.tokens = without.tokens.expand_as(context.tokens);
  c.compare("context", context.tokens);
  c.compare("unconditional_context", without.tokens);
  anomaly::MaskSamplingOptions options;
  options.sampler.steps = c.config().at("S");
  options.sampler.eta = c.config().at("eta");
  options.guidance = c.config().at("unconditional_guidance_scale");
  const auto latent = anomaly::sample_mask_latents(base, context, without, given_draws(c), options);
  c.compare("latent", latent);
  c.compare("decoded", base.decode(latent));
}
KIZU_GOLDEN_KIND("generation.mask_model", run_mask_model);

/// Compares the output `name`, or the part of it that the case keeps: name_every_<N>th along the axes.
void compare_some(Case& c, const std::string& name, const torch::Tensor& whole,
                  const std::vector<int64_t>& axes) {
  if (c.has(name)) c.compare(name, whole);
  const auto start = name + "_every_";
  for (const auto& output : c.names("output")) {
    if (output.rfind(start, 0) != 0) continue;
    const int64_t step = std::stoll(output.substr(start.size()));
    auto part = whole;
    for (const auto axis : axes) part = part.slice(axis, 0, part.size(axis), step);
    c.compare(output, part);
  }
}

anomaly::PaintOptions published_options(const nlohmann::json& config) {
  const bool adaptive = config.at("adaptive_mask");
  anomaly::PaintOptions options;
  options.sampler.steps = config.at("S");
  options.sampler.eta = config.at("eta");
  options.reweighting = adaptive ? anomaly::ReweightMode::kReference : anomaly::ReweightMode::kOff;
  options.reweighted_tokens = anomaly::ReweightedTokens::kInsertedAndFirst;
  options.dilate_early = adaptive;
  options.final_blend = false;
  return options;
}

/// Paints with these spatial tokens and compares the outputs that start with `prefix`.
void compare_painted(Case& c, ldm::LatentDiffusion& base, const anomaly::Concepts& concepts,
                     const std::string& prefix) {
  const auto names = c.config().at("names").get<std::vector<std::string>>();
  const auto mask = c.as_float("mask").reshape({-1, 1, c.tensor("mask").size(-2), c.tensor("mask").size(-1)});
  const auto context = anomaly::context_of(base.text, c.tensor("ids"), concepts.inserted(names, mask));
  const auto painted = anomaly::paint(base, c.as_float("image") / 127.5 - 1, mask, context, given_draws(c),
                                      published_options(c.config()));
  c.compare("z", painted.z_0);
  c.compare("mask32", painted.mask);
  c.compare("position", context.ranges);
  compare_some(c, "reconstruction", base.decode(painted.z_0), {2, 3});
  compare_some(c, prefix + "context", context.tokens, {2});
  c.compare(prefix + "latent", painted.latent);
  compare_some(c, prefix + "decoded", base.decode(painted.latent), {2, 3});
}

void run_anomaly_small(Case& c) {
  const torch::NoGradGuard no_grad;
  auto base = load_base(c);
  compare_painted(c, base, load_concepts(c), "");
}
KIZU_GOLDEN_KIND("generation.anomaly_small", run_anomaly_small);

void run_anomaly_full_width(Case& c) {
  const torch::NoGradGuard no_grad;
  auto base = load_base(c);
  anomaly::SpatialEncoderConfig config;
  config.tokens = c.config().at("spatial_tokens");
  config.width = config.head_width = c.config().at("n_embed");
  config.side = c.tensor("mask").size(-1);
  anomaly::GradualStyleEncoder encoder(config);
  c.load(*encoder, "spatial_encoder_weights", "spatial.");
  auto concepts = load_concepts(c);
  for (const bool training : {false, true}) {
    concepts.spatial = anomaly::spatial_tokens(encoder, training);
    compare_painted(c, base, concepts, training ? "train." : "eval.");
  }
}
KIZU_GOLDEN_KIND("generation.anomaly_full_width", run_anomaly_full_width);

}  // namespace
}  // namespace kizu::golden
