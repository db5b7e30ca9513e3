#pragma once
#include <torch/torch.h>

#include "diffusion/sampling.h"
#include "diffusion/schedule.h"

namespace kizu::anomaly {

/// Radius, in latent cells, by which the published code dilates the mask when re-weighting is on: it shrinks
/// from 8 to 0 as t falls, and is twice as large when the sampler has exactly 50 steps.
int64_t reference_dilation(int64_t t, int64_t steps);

struct BlendingOptions {
  bool dilate_early = false;  ///< reference_dilation at each step
  bool final_blend = true;    ///< blend() puts z_0 back outside the mask; the reference does not
};

/// Blended diffusion (Avrahami et al. 2022): keeps a known latent outside a mask. Before each step
/// x_t <- m x_t + (1 - m) q(z_0, t), with fresh noise each time.
class Blending {
 public:
  /// z_0 [B, C, h, w]: clean latent of the good picture; mask [B, 1, h, w]: 1 where something new is to
  /// appear.
  Blending(torch::Tensor z_0, torch::Tensor mask, diffusion::Schedule schedule, diffusion::NoiseSource noise,
           const BlendingOptions& options = {});

  /// The mask in force at a step.
  torch::Tensor mask_at(const diffusion::Step& step) const;
  void before_step(diffusion::SamplerState& state) const;
  /// before_step as a hook; the object must outlive it.
  diffusion::Hook hook() const;
  /// The sampler's result with z_0 outside the mask, if `final_blend`.
  torch::Tensor finish(const torch::Tensor& x) const;

 private:
  torch::Tensor z_0_, mask_;
  diffusion::Schedule schedule_;
  diffusion::NoiseSource noise_;
  BlendingOptions options_;
};

}  // namespace kizu::anomaly
