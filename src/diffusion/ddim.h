#pragma once
#include "diffusion/denoiser.h"
#include "diffusion/sampling.h"

namespace kizu::diffusion {

struct DdimOptions {
  int64_t steps = 50;
  double eta = 0;  ///< 0: deterministic; 1: as much noise as ancestral sampling
  Spacing spacing = Spacing::kTrailing;
  Ending ending = Ending::kClean;
  /// Take only the last so many steps of the grid, to start from a latent that is noised half-way; 0: all.
  int64_t last_steps = 0;

  /// Throws Error naming the option.
  void check() const;
};

/// Standard deviation of the noise that a DDIM step adds (Song et al. 2021, eq. 16).
double ddim_sigma(double alpha_bar, double alpha_bar_next, double eta);

/// DDIM: from x [B, C, H, W], standard normal noise or a latent at the grid's largest t, to a sample.
/// Deterministic but for `attached.noise`, which is asked once a step while sigma > 0.
torch::Tensor ddim(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                   const DdimOptions& options, const Attachments& attached = {});

}  // namespace kizu::diffusion
