#include "diffusion/dpm_solver.h"

#include <cmath>

#include "core/error.h"

namespace kizu::diffusion {
namespace {

/// log(alpha / sigma); infinite where no noise is left.
double log_snr(double alpha_bar) {
  return 0.5 * std::log(alpha_bar / (1 - alpha_bar));
}

/// A step of length h in log_snr as it was taken.
struct Taken {
  Step step;
  torch::Tensor x;    ///< where it began
  torch::Tensor x_0;  ///< predicted there
  double h = 0;
};

/// x_0 carried on along its change over the step before, to the middle of a step of length h.
torch::Tensor to_the_middle(const torch::Tensor& x_0, double h, const Taken& before) {
  return x_0 + h / (2 * before.h) * (x_0 - before.x_0);
}

/// The end of a step from x: exact where x_0 does not change.
torch::Tensor ahead(const torch::Tensor& x, const torch::Tensor& x_0, const Step& step, double h) {
  const double a = step.alpha_bar, a_next = step.alpha_bar_next;
  // -expm1(-h) is 1 where the step goes all the way to x_0.
  return std::sqrt((1 - a_next) / (1 - a)) * x - std::sqrt(a_next) * std::expm1(-h) * x_0;
}

/// The same with the noise that ancestral sampling adds.
torch::Tensor ahead_with_noise(const torch::Tensor& x, const torch::Tensor& x_0, const Step& step, double h,
                               const NoiseSource& noise) {
  const double a = step.alpha_bar, a_next = step.alpha_bar_next;
  const double drift = -std::expm1(-2 * h), kept = std::sqrt((1 - a_next) / (1 - a)) * std::exp(-h);
  const auto next = kept * x + std::sqrt(a_next) * drift * x_0;
  const double spread = std::sqrt((1 - a_next) * drift);
  return spread > 0 ? next + spread * noise(step.index, next.sizes()).to(next.options()) : next;
}

/// UniC: the step that led here, taken again with x_0 as it is predicted at its end (Zhao et al. 2023, eq. 8
/// and appendix; in their words rho_1, rho_2 solve a system of two equations, or rho is 1/2 after the first
/// step).
torch::Tensor corrected(const Taken& last, const Taken& before, const torch::Tensor& x_0) {
  const double h = last.h, phi_1 = std::expm1(-h);
  const auto change = x_0 - last.x_0;
  auto pull = 0.5 * change;
  if (before.x_0.defined()) {
    const double phi_2 = phi_1 / -h - 1, phi_3 = phi_2 / -h - 0.5;
    const double b_1 = phi_2 / phi_1, b_2 = 2 * phi_3 / phi_1, ratio = -before.h / h;
    const double rho_1 = (b_1 - b_2) / (1 - ratio), rho_2 = b_1 - rho_1;
    pull = rho_1 / ratio * (before.x_0 - last.x_0) + rho_2 * change;
  }
  return ahead(last.x, last.x_0, last.step, h) - std::sqrt(last.step.alpha_bar_next) * phi_1 * pull;
}

}  // namespace

torch::Tensor dpm_solver(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                         const DpmSolverOptions& options, const Attachments& attached) {
  if (options.stochastic && options.corrected)
    throw Error("sampler: the corrector is for steps without noise; choose one of the two");
  SamplerState state;
  state.x_t = x;
  Taken last, before;
  const auto plan =
      last_of(sampler_steps(schedule, options.steps, options.spacing, options.ending), options.last_steps);
  for (const auto& step : plan) {
    state.step = step;
    if (attached.before_step) attached.before_step(state);
    const double a = step.alpha_bar, h = log_snr(step.alpha_bar_next) - log_snr(a);
    const auto eps = denoise(state.x_t, batch_of(step.t, state.x_t));
    state.x_0 = (state.x_t - std::sqrt(1 - a) * eps) / std::sqrt(a);
    if (options.corrected && last.x_0.defined()) state.x_t = corrected(last, before, state.x_0);
    const bool first_order = !last.x_0.defined() || step.index + 1 == step.count;
    const auto direction = first_order ? state.x_0 : to_the_middle(state.x_0, h, last);
    before = last;
    last = {step, state.x_t, state.x_0, h};
    state.x_t = options.stochastic ? ahead_with_noise(state.x_t, direction, step, h, attached.noise)
                                   : ahead(state.x_t, direction, step, h);
    if (attached.record) attached.record(step, state.x_t, state.x_0);
  }
  return state.x_t;
}

}  // namespace kizu::diffusion
