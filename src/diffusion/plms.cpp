#include "diffusion/plms.h"

#include <cmath>
#include <deque>

namespace kizu::diffusion {
namespace {

/// The Adams-Bashforth combination of this eps and those before, newest first.
torch::Tensor extrapolate(const torch::Tensor& eps, const std::deque<torch::Tensor>& old) {
  switch (old.size()) {
    case 1:
      return (3 * eps - old[0]) / 2;
    case 2:
      return (23 * eps - 16 * old[0] + 5 * old[1]) / 12;
    default:
      return (55 * eps - 59 * old[0] + 37 * old[1] - 9 * old[2]) / 24;
  }
}

}  // namespace

torch::Tensor plms(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                   const PlmsOptions& options, const Attachments& attached) {
  SamplerState state;
  state.x_t = x;
  std::deque<torch::Tensor> old;
  for (const auto& step : sampler_steps(schedule, options.steps, options.spacing, options.ending)) {
    state.step = step;
    if (attached.before_step) attached.before_step(state);
    const auto advance = [&](const torch::Tensor& eps) {
      state.x_0 = (state.x_t - std::sqrt(1 - step.alpha_bar) * eps) / std::sqrt(step.alpha_bar);
      return std::sqrt(step.alpha_bar_next) * state.x_0 + std::sqrt(1 - step.alpha_bar_next) * eps;
    };
    const auto eps = denoise(state.x_t, batch_of(step.t, state.x_t));
    const auto slope = old.empty() ? (eps + denoise(advance(eps), batch_of(step.t_next, state.x_t))) / 2
                                   : extrapolate(eps, old);
    state.x_t = advance(slope);
    old.push_front(eps);
    if (old.size() > 3) old.pop_back();
    if (attached.record) attached.record(step, state.x_t, state.x_0);
  }
  return state.x_t;
}

}  // namespace kizu::diffusion
