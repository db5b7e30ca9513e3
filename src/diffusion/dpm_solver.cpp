#include "diffusion/dpm_solver.h"

#include <cmath>

namespace kizu::diffusion {
namespace {

/// log(alpha / sigma); infinite where no noise is left.
double log_snr(double alpha_bar) {
  return 0.5 * std::log(alpha_bar / (1 - alpha_bar));
}

}  // namespace

torch::Tensor dpm_solver(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                         const DpmSolverOptions& options, const Attachments& attached) {
  SamplerState state;
  state.x_t = x;
  torch::Tensor x_0_before;
  double h_before = 0;
  const auto plan =
      last_of(sampler_steps(schedule, options.steps, options.spacing, options.ending), options.last_steps);
  for (const auto& step : plan) {
    state.step = step;
    if (attached.before_step) attached.before_step(state);
    const double a = step.alpha_bar, a_next = step.alpha_bar_next;
    const double h = log_snr(a_next) - log_snr(a);
    const auto eps = denoise(state.x_t, batch_of(step.t, state.x_t));
    state.x_0 = (state.x_t - std::sqrt(1 - a) * eps) / std::sqrt(a);
    auto direction = state.x_0;
    if (x_0_before.defined() && step.index + 1 < step.count)
      direction = state.x_0 + h / (2 * h_before) * (state.x_0 - x_0_before);
    // -expm1(-h) is 1 where the step goes all the way to x_0.
    state.x_t =
        std::sqrt((1 - a_next) / (1 - a)) * state.x_t - std::sqrt(a_next) * std::expm1(-h) * direction;
    x_0_before = state.x_0;
    h_before = h;
    if (attached.record) attached.record(step, state.x_t, state.x_0);
  }
  return state.x_t;
}

}  // namespace kizu::diffusion
