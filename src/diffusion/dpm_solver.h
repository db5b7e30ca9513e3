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
  /// The SDE form of the solver: as much noise as ancestral sampling is added, from `attached.noise`.
  bool stochastic = false;
  /// UniPC of order 2 with B2(h) (Zhao et al. 2023): each step is corrected by what the denoiser says at its
  /// end, which the next step needs anyway. Only without noise.
  bool corrected = false;
};

/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2; the SDE form from its appendix): a multistep solver of
/// second order in the predicted x_0, one call a step. First and last step are of first order, so that 10 to
/// 20 steps are stable. Throws Error for a corrected stochastic solver.
torch::Tensor dpm_solver(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                         const DpmSolverOptions& options, const Attachments& attached = {});

}  // namespace kizu::diffusion
