#pragma once
#include <string>
#include <utility>
#include <vector>

#include "diffusion/denoiser.h"
#include "diffusion/sampling.h"

namespace kizu::diffusion {

/// How the way from noise to a picture is solved.
enum class Solver {
  kDdim,          ///< ddim.h
  kDpmSolver,     ///< dpm_solver.h
  kDpmSolverSde,  ///< the same with noise
  kUniPc          ///< the same, each step corrected
};
/// Each with the word that options use for it: ddim, dpm++, dpm++sde, unipc.
const std::vector<std::pair<std::string, Solver>>& solvers();
/// Its word.
const std::string& name_of(Solver solver);
/// The grid that suits it: few steps of a high order want to be even in the log of the signal-to-noise ratio.
Spacing spacing_for(Solver solver);

struct SamplerOptions {
  Solver solver = Solver::kDdim;
  int64_t steps = 50;
  double eta = 0;  ///< of DDIM alone
  Spacing spacing = Spacing::kTrailing;
  Ending ending = Ending::kClean;
  /// Take only the last so many steps of the grid, to start from a latent that is noised half-way; 0: all.
  int64_t last_steps = 0;

  /// Throws Error naming the option.
  void check() const;
};

/// From x [B, C, H, W], standard normal noise or a latent at the grid's largest t, to a sample, with the
/// chosen solver.
torch::Tensor sample(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                     const SamplerOptions& options, const Attachments& attached = {});

}  // namespace kizu::diffusion
