#pragma once
#include "diffusion/denoiser.h"
#include "diffusion/sampling.h"

namespace kizu::diffusion {

struct PlmsOptions {
  int64_t steps = 50;
  Spacing spacing = Spacing::kTrailing;
  Ending ending = Ending::kClean;
};

/// Pseudo linear multistep (Liu et al. 2022): a DDIM step along an eps extrapolated from up to four calls,
/// the first step being an improved Euler step with two calls. Deterministic.
torch::Tensor plms(const Denoiser& denoise, const Schedule& schedule, torch::Tensor x,
                   const PlmsOptions& options, const Attachments& attached = {});

}  // namespace kizu::diffusion
