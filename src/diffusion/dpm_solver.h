#pragma once
#include "diffusion/denoiser.h"
#include "diffusion/sampling.h"

namespace kizu::diffusion {

struct DpmSolverOptions {
  int64_t steps = 20;
  Spacing spacing = Spacing::kLogSnr;
  Ending ending = Ending::kClean;
  /// Take only the last so many steps of the grid, to start from a latent that is noised half-way; 0: all.
  int64_t last_steps = 0;
};

/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): a multistep solver of second order in the predicted x_0,
/// one call a step. First and last step are of first order, so that 10 to 20 steps are stable. Deterministic.
torch::Tensor dpm_solver(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                         const DpmSolverOptions& options, const Attachments& attached = {});

}  // namespace kizu::diffusion
