#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "diffusion/time_grid.h"

namespace kizu::diffusion {

/// What a sampler holds before a step.
struct SamplerState {
  Step step;
  torch::Tensor x_t;  ///< [B, C, H, W]
  torch::Tensor x_0;  ///< as predicted in the step before; undefined before the first
};

/// Called before each step. May replace state.x_t, and tell whatever the denoiser captures what it has seen.
using Hook = std::function<void(SamplerState& state)>;
/// One hook that calls these in their order; empty ones are left out.
Hook in_order(std::vector<Hook> hooks);

/// Standard normal noise of the given shape for the step with this index.
using NoiseSource = std::function<torch::Tensor(int64_t step, at::IntArrayRef shape)>;
/// Noise [B, ...] whose row b depends on seeds[b], `purpose` and the step alone: a picture is the same in any
/// batch.
NoiseSource noise_per_image(std::vector<uint64_t> seeds, std::string purpose);

/// Receives the x after a step and the x_0 predicted in it.
using Recorder = std::function<void(const Step& step, const torch::Tensor& x, const torch::Tensor& x_0)>;

/// What a caller may attach to any sampler. Only a sampler that adds noise needs `noise`.
struct Attachments {
  Hook before_step = nullptr;
  NoiseSource noise = nullptr;
  Recorder record = nullptr;
};

/// The time step as the denoiser wants it: [B] int64 on the device of x.
torch::Tensor batch_of(int64_t t, const torch::Tensor& x);

}  // namespace kizu::diffusion
