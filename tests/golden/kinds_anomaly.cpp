#include "anomaly/blending.h"
#include "anomaly/masked_loss.h"
#include "anomaly/reweighting.h"
#include "diffusion/ddim.h"
#include "tensor/neighbourhood.h"
#include "unet_case.h"

namespace kizu::golden {
namespace {

/// An output m<N> is the dilation of x by N; m_for_t_k<K> is the table of radii.
void run_dilation(Case& c) {
  for (const auto& output : c.names("output")) {
    if (output.rfind("m_for_t_k", 0) == 0) {
      std::vector<int64_t> radii;
      // k = 16 stands for a sampler of exactly 50 steps, k = 8 for any other.
      const int64_t steps = output == "m_for_t_k16" ? 50 : 200;
      for (int64_t t = 0; t < c.tensor(output).numel(); ++t)
        radii.push_back(anomaly::reference_dilation(t, steps));
      c.compare(output, torch::tensor(radii));
    } else {
      c.compare(output, dilate(c.tensor("x"), std::stoll(output.substr(1))));
    }
  }
}
KIZU_GOLDEN_KIND("anomaly.dilation", run_dilation);

/// Loss and gradient for one mask of the case; "none" is the unmasked loss.
void compare_loss(Case& c, ldm::UNet unet, const std::string& name) {
  const auto schedule = make_schedule(c.config());
  const auto z = c.tensor("z"), noise = c.tensor("noise"), t = c.tensor("t");
  torch::Tensor mask;
  if (c.has(name)) {
    const auto full = c.as_float(name) / 255;
    const auto how = anomaly::MaskResize::kReference;
    c.compare(name + ".resized", anomaly::resize_mask(full, z.size(2), z.size(3), how));
    mask = anomaly::latent_mask(full, z.size(2), z.size(3), how);
    c.compare(name + ".mask32", mask);
  }
  const auto context = c.tensor("context").clone().set_requires_grad(true);
  const auto predicted = unet->forward(diffusion::q_sample(schedule, z, noise, t), t, context);
  const auto simple = anomaly::masked_loss(predicted, noise, mask, {false, 0});
  const auto bound = (diffusion::at_steps(schedule.bound_weights(), t, simple) * simple).mean();
  const auto loss = c.config().value("l_simple_weight", 1.0) * simple.mean() +
                    c.config().value("original_elbo_weight", 0.0) * bound;
  c.compare(name + ".loss", loss);
  c.compare(name + ".val/loss_simple", simple.mean());
  c.compare(name + ".val/loss_vlb", bound);
  c.compare(name + ".val/loss", loss);
  loss.backward();
  c.compare(name + ".grad_context", context.grad());
}

void run_masked_loss(Case& c) {
  const auto unet = load_unet(c);
  for (const auto& output : c.names("output")) {
    const auto dot = output.find(".loss");
    if (dot != std::string::npos) compare_loss(c, unet, output.substr(0, dot));
  }
}
KIZU_GOLDEN_KIND("anomaly.masked_loss", run_masked_loss);

ldm::AttentionWeights reference_weights(const torch::Tensor& map, const torch::Tensor& ranges,
                                        int64_t tokens) {
  return {map, anomaly::token_columns(ranges, tokens, true), true};
}

void run_reweighted_attention(Case& c) {
  torch::NoGradGuard no_grad;
  const auto& config = c.config();
  ldm::CrossAttention attention(config.at("query_dim"), config.at("context_dim"), config.at("heads"),
                                config.at("dim_head"));
  c.load(*attention);
  const auto x = c.tensor("x"), context = c.tensor("context");
  const auto map = c.tensor("weight_map").unsqueeze(1);
  const int64_t grid = config.at("query_grid");
  if (c.has("resized_map")) c.compare("resized_map", ldm::resize_map(map, grid, grid).squeeze(1));
  const auto weights = reference_weights(map, c.tensor("embedding_position"), context.size(1));
  c.compare("out", attention(x, context, attention_factors(weights, grid, grid), weights.before_softmax));
  c.compare("out_without", attention(x, context));
}
KIZU_GOLDEN_KIND("anomaly.reweighted_attention", run_reweighted_attention);

void run_reweighted_unet_step(Case& c) {
  torch::NoGradGuard no_grad;
  auto unet = load_unet(c);
  std::map<std::string, torch::Tensor> layers;
  for (const auto& named : unet->named_modules())
    if (auto* attention = named.value()->as<ldm::CrossAttention>())
      attention->on_output = [&layers, name = named.key()](const torch::Tensor& out) { layers[name] = out; };
  const auto x = c.tensor("x"), t = c.tensor("t"), context = c.tensor("context");
  const auto weights =
      reference_weights(c.tensor("weight_map").unsqueeze(1), c.tensor("embedding_position"), context.size(1));
  c.compare("out", unet->forward(x, t, context, &weights));
  for (const auto& [name, out] : layers)
    if (c.has(name)) c.compare(name, out.slice(0, 0, c.tensor(name).size(0)));
  c.compare("out_without", unet->forward(x, t, context));
}
KIZU_GOLDEN_KIND("anomaly.reweighted_unet_step", run_reweighted_unet_step);

/// What happens at the steps that a case keeps.
struct Kept {
  std::map<std::string, std::vector<torch::Tensor>> tensors;
  std::vector<int64_t> t;
};

void compare_kept(Case& c, const Kept& kept) {
  std::vector<int64_t> steps;
  if (c.config().contains("kept_steps"))
    steps = c.config().at("kept_steps").get<std::vector<int64_t>>();
  else
    for (size_t i = 0; i < kept.t.size(); ++i) steps.push_back(static_cast<int64_t>(i));
  c.compare("t", torch::tensor(kept.t));
  c.compare("sample", kept.tensors.at("x").back());
  for (const auto& [name, all] : kept.tensors) {
    if (!c.has(name)) continue;
    std::vector<torch::Tensor> chosen;
    for (const auto step : steps) chosen.push_back(all.at(static_cast<size_t>(step)));
    c.compare(name, torch::stack(chosen));
  }
}

void run_blended(Case& c) {
  torch::NoGradGuard no_grad;
  auto unet = load_unet(c);
  const auto schedule = make_schedule(c.config());
  const auto context = c.tensor("context"), z_0 = c.tensor("x0"), mask = c.as_float("mask");
  const bool adaptive = c.config().at("adaptive_mask");
  const auto columns = anomaly::token_columns(c.tensor("embedding_position"), context.size(1), true);

  anomaly::Blending blending(z_0, mask, schedule, given_noise(c.tensor("noise_orig")), {adaptive, false});
  anomaly::Reweighting reweighting(adaptive ? anomaly::ReweightMode::kReference : anomaly::ReweightMode::kOff,
                                   z_0, mask, adaptive);
  Kept kept;
  const diffusion::Denoiser denoise = [&](const torch::Tensor& x, const torch::Tensor& t) {
    const ldm::AttentionWeights weights{reweighting.map(), columns, true};
    const auto eps = unet->forward(x, t, context, adaptive ? &weights : nullptr);
    kept.tensors["x_in"].push_back(x);
    kept.tensors["eps"].push_back(eps);
    return eps;
  };
  diffusion::Attachments attached;
  attached.before_step = diffusion::in_order({reweighting.hook(), blending.hook()});
  attached.noise = given_noise(c.tensor("noise_step"));
  attached.record = [&](const diffusion::Step& step, const torch::Tensor& x, const torch::Tensor& x_0) {
    kept.t.push_back(step.t);
    kept.tensors["x"].push_back(x);
    kept.tensors["pred_x0"].push_back(x_0);
    kept.tensors["dilated_mask"].push_back(blending.mask_at(step));
    if (adaptive) kept.tensors["weight_map"].push_back(reweighting.map().squeeze(1));
  };
  const auto x = ddim(
      denoise, schedule, c.tensor("x_T"),
      {c.config().at("S"), c.config().at("eta"), diffusion::Spacing::kReference, diffusion::Ending::kNoisy},
      attached);
  kept.tensors["x"].back() = blending.finish(x);
  compare_kept(c, kept);
}
KIZU_GOLDEN_KIND("generation.blended", run_blended);

}  // namespace
}  // namespace kizu::golden
