#include "diffusion/ddpm.h"

namespace kizu::diffusion {

Denoised ddpm_step(const Denoiser& denoise, const Schedule& schedule, const torch::Tensor& x_t,
                   const torch::Tensor& t, const torch::Tensor& noise, bool clip) {
  auto x_0 = x_0_from_eps(schedule, x_t, denoise(x_t, t), t);
  if (clip) x_0 = x_0.clamp(-1, 1);
  const auto q = q_posterior(schedule, x_0, x_t, t);
  const auto noisy = (t > 0).to(x_t.options()).reshape(q.variance.sizes());
  return {q.mean + noisy * (0.5 * q.log_variance).exp() * noise.to(x_t.options()), x_0};
}

torch::Tensor ddpm(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x, int64_t first_t,
                   bool clip, const Attachments& attached) {
  SamplerState state;
  state.x_t = x;
  for (int64_t t = first_t; t >= 0; --t) {
    const auto i = static_cast<size_t>(t);
    state.step = {first_t - t,
                  first_t + 1,
                  t,
                  t > 0 ? t - 1 : 0,
                  schedule.alpha_bar()[i],
                  schedule.alpha_bar_prev()[i]};
    if (attached.before_step) attached.before_step(state);
    const auto noise = attached.noise(state.step.index, state.x_t.sizes());
    const auto next = ddpm_step(denoise, schedule, state.x_t, batch_of(t, state.x_t), noise, clip);
    state.x_t = next.x;
    state.x_0 = next.x_0;
    if (attached.record) attached.record(state.step, state.x_t, state.x_0);
  }
  return state.x_t;
}

}  // namespace kizu::diffusion
