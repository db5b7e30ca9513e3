#include "diffusion/denoiser.h"

namespace kizu::diffusion {

Denoiser from_v_prediction(Denoiser predicts_v, const Schedule& schedule) {
  return [=](const torch::Tensor& x_t, const torch::Tensor& t) {
    return eps_from_v(schedule, x_t, predicts_v(x_t, t), t);
  };
}

Denoiser guided(Denoiser conditional, Denoiser unconditional, double scale) {
  if (scale == 1) return conditional;
  return [=](const torch::Tensor& x_t, const torch::Tensor& t) {
    const auto eps_u = unconditional(x_t, t);
    return eps_u + scale * (conditional(x_t, t) - eps_u);
  };
}

}  // namespace kizu::diffusion
