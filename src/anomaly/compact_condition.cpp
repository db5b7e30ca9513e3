#include "anomaly/compact_condition.h"

namespace kizu::anomaly {

diffusion::Schedule schedule_of(const ldm::CompactConfig& config) {
  return diffusion::Schedule(
      {diffusion::BetaCurve::kScaledLinear, config.timesteps, config.linear_start, config.linear_end});
}

torch::Tensor known_latents(const torch::Tensor& mask, Background background) {
  const auto touched = ldm::touched_latents(mask, 1);
  return background == Background::kWhole ? torch::ones_like(touched) : 1 - touched;
}

ldm::CompactCondition condition(ldm::CompactModel& model, const torch::Tensor& good,
                                const torch::Tensor& mask, const torch::Tensor& appearance,
                                const torch::Tensor& known) {
  const auto spatial = model.spatial->forward(mask).to(torch::kFloat32);
  const auto tokens = appearance.to(torch::kFloat32).expand({mask.size(0), -1, -1});
  return {ldm::mask_channels(mask), good * known, known, torch::cat({tokens, spatial}, 1)};
}

torch::Tensor v_loss(ldm::CompactModel& model, const diffusion::Schedule& schedule, const torch::Tensor& x_0,
                     const torch::Tensor& mask, const ldm::CompactCondition& condition,
                     const torch::Tensor& t, const torch::Tensor& eps, double whole, double inside) {
  const auto x_t = diffusion::q_sample(schedule, x_0, eps, t);
  const auto v = diffusion::v_from(schedule, x_0, eps, t);
  const auto out = model.unet->forward(x_t, t, condition).to(torch::kFloat32);
  const auto error = (out - v).square().mean(1, true);  // [B, 1, h, w]
  const auto touched = ldm::touched_latents(mask, 1);
  const auto in_mask = (error * touched).sum({1, 2, 3}) / touched.sum({1, 2, 3}).clamp_min(1);
  return whole * error.mean({1, 2, 3}) + inside * in_mask;
}

diffusion::Denoiser compact_denoiser(const ldm::CompactModel& model, const ldm::CompactCondition& condition,
                                     double guidance, const ldm::AttentionMap* attention) {
  const auto unet = model.unet;
  const auto conditional = [unet, condition, attention](const torch::Tensor& x_t, const torch::Tensor& t) {
    return unet->forward(x_t, t, condition, attention);
  };
  auto nameless = condition;
  const auto null = model.appearance->null_tokens();
  nameless.context = torch::cat(
      {null.expand({condition.context.size(0), -1, -1}), condition.context.slice(1, null.size(1))}, 1);
  const auto unconditional = [unet, nameless](const torch::Tensor& x_t, const torch::Tensor& t) {
    return unet->forward(x_t, t, nameless);
  };
  // Guidance is linear, so it may act on v before v becomes eps.
  return diffusion::from_v_prediction(diffusion::guided(conditional, unconditional, guidance),
                                      schedule_of(model.config));
}

}  // namespace kizu::anomaly
