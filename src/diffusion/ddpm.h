#pragma once
#include "diffusion/denoiser.h"
#include "diffusion/sampling.h"

namespace kizu::diffusion {

/// An x and the x_0 predicted on the way to it.
struct Denoised {
  torch::Tensor x, x_0;
};

/// One ancestral step (Ho et al. 2020): x_{t-1} from x_t, each row at its own t [B]; no noise is added at t =
/// 0. `clip` holds the predicted x_0 within [-1, 1].
Denoised ddpm_step(const Denoiser& denoise, const Schedule& schedule, const torch::Tensor& x_t,
                   const torch::Tensor& t, const torch::Tensor& noise, bool clip = false);

/// Ancestral sampling from x at `first_t` down to t = 0, one denoiser call for each t; needs attached.noise.
torch::Tensor ddpm(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x, int64_t first_t,
                   bool clip, const Attachments& attached);

}  // namespace kizu::diffusion
