#include "diffusion/ddim.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace kizu::diffusion {

void DdimOptions::check() const {
  if (steps < 1) throw Error("steps: must be at least 1, not " + std::to_string(steps));
  if (!(eta >= 0 && eta <= 1)) throw Error("eta: must lie between 0 and 1, not " + std::to_string(eta));
  if (last_steps < 0) throw Error("last_steps: must not be negative");
}

double ddim_sigma(double alpha_bar, double alpha_bar_next, double eta) {
  return eta * std::sqrt((1 - alpha_bar_next) / (1 - alpha_bar) * (1 - alpha_bar / alpha_bar_next));
}

torch::Tensor ddim(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                   const DdimOptions& options, const Attachments& attached) {
  options.check();
  const auto plan =
      last_of(sampler_steps(schedule, options.steps, options.spacing, options.ending), options.last_steps);

  SamplerState state;
  state.x_t = x;
  for (const auto& step : plan) {
    state.step = step;
    if (attached.before_step) attached.before_step(state);
    const auto eps = denoise(state.x_t, batch_of(step.t, state.x_t));
    const double a = step.alpha_bar, a_next = step.alpha_bar_next;
    const double sigma = ddim_sigma(a, a_next, options.eta);
    state.x_0 = (state.x_t - std::sqrt(1 - a) * eps) / std::sqrt(a);
    // Rounding may leave a tiny negative number under the root where sigma takes all the noise.
    const double direction = std::sqrt(std::max(0.0, 1 - a_next - sigma * sigma));
    auto next = std::sqrt(a_next) * state.x_0 + direction * eps;
    if (sigma > 0) next = next + sigma * attached.noise(step.index, next.sizes()).to(next.options());
    state.x_t = next;
    if (attached.record) attached.record(step, state.x_t, state.x_0);
  }
  return state.x_t;
}

}  // namespace kizu::diffusion
