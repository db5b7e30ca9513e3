#include "anomaly/textual_inversion.h"

#include <algorithm>

namespace kizu::anomaly {
namespace {

/// Loss of some rows times their share of the batch; its gradient for their context goes to `gradient`.
double rows_loss(ldm::LatentDiffusion& base, const diffusion::Schedule& schedule, const InversionBatch& batch,
                 const InversionOptions& options, int64_t from, int64_t to, const torch::Tensor& context,
                 torch::Tensor gradient) {
  const auto rows = [&](const torch::Tensor& all) { return all.slice(0, from, to); };
  const auto leaf = rows(context).detach().requires_grad_(true);
  const auto z_0 = rows(batch.z_0), eps = rows(batch.eps), t = rows(batch.t);
  const auto x_t = diffusion::q_sample(schedule, z_0, eps, t).to(leaf.scalar_type());
  const auto predicted = base.unet->forward(x_t, t, leaf).to(eps.scalar_type());
  torch::Tensor mask;
  if (batch.mask.defined())
    mask = latent_mask(rows(batch.mask), z_0.size(2), z_0.size(3), options.mask_resize).to(eps.device());
  const auto loss =
      masked_loss(predicted, eps, mask, options.loss).sum() / static_cast<double>(batch.z_0.size(0));
  rows(gradient).copy_(torch::autograd::grad({loss}, {leaf})[0]);
  return loss.item<double>();
}

}  // namespace

InversionGradient inversion_gradient(ldm::LatentDiffusion& base, const diffusion::Schedule& schedule,
                                     const Concepts& concepts, const InversionBatch& batch,
                                     const InversionOptions& options) {
  const auto inserted = concepts.inserted(batch.names, batch.mask);
  const auto leaf = inserted.detach().requires_grad_(true);
  torch::Tensor context;
  {
    const torch::NoGradGuard no_grad;
    context = context_of(base.text, batch.ids, leaf).tokens;
  }
  InversionGradient result;
  const auto context_gradient = torch::empty_like(context);
  const int64_t count = batch.z_0.size(0), stride = options.rows_at_once > 0 ? options.rows_at_once : count;
  for (int64_t from = 0; from < count; from += stride)
    result.loss += rows_loss(base, schedule, batch, options, from, std::min(count, from + stride), context,
                             context_gradient);
  const auto again = context_of(base.text, batch.ids, leaf).tokens;
  const auto inserted_gradient = torch::autograd::grad({again}, {leaf}, {context_gradient})[0];
  std::vector<torch::Tensor> parameters;
  for (const auto& each : concepts.trainables()) parameters.push_back(each.value);
  result.of = torch::autograd::grad({inserted}, parameters, {inserted_gradient}, {}, false, true);
  return result;
}

TextualInversion::TextualInversion(ldm::LatentDiffusion& base, Concepts concepts,
                                   const InversionOptions& options, const AdamOptions& adam)
    : base_(base),
      schedule_(schedule_of(base.config)),
      concepts_(std::move(concepts)),
      options_(options),
      adam_(concepts_.trainables(), adam) {}

InversionGradient TextualInversion::step(const InversionBatch& batch, double learning_rate) {
  auto gradient = inversion_gradient(base_, schedule_, concepts_, batch, options_);
  adam_.step(gradient.of, learning_rate);
  return gradient;
}

diffusion::Schedule schedule_of(const ldm::LatentDiffusionConfig& config) {
  diffusion::ScheduleConfig schedule;
  schedule.beta_start = config.linear_start;
  schedule.beta_end = config.linear_end;
  schedule.steps = config.timesteps;
  return diffusion::Schedule(schedule);
}

}  // namespace kizu::anomaly
