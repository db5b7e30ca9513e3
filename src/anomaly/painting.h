#pragma once
#include <torch/torch.h>

#include <vector>

#include "anomaly/concepts.h"
#include "anomaly/masked_loss.h"
#include "anomaly/reweighting.h"
#include "diffusion/sampler.h"
#include "ldm/latent_diffusion.h"

namespace kizu::anomaly {

/// All that is random about sampling, one row for each picture.
struct SamplingDraws {
  torch::Tensor posterior;       ///< [B, C, h, w] for the sample of the autoencoder's posterior
  torch::Tensor x_T;             ///< [B, C, h, w]
  diffusion::NoiseSource known;  ///< noises the good latent before each step
  diffusion::NoiseSource step;   ///< what the sampler adds in each step
};
/// Draws that depend on each picture's seed alone. `latent` is [C, h, w].
SamplingDraws sampling_draws(const std::vector<uint64_t>& seeds, at::IntArrayRef latent);

/// Which columns of the context are re-weighted.
enum class ReweightedTokens { kInserted, kInsertedAndFirst, kAll };

struct PaintOptions {
  diffusion::SamplerOptions sampler{diffusion::Solver::kDdim, 200, 1, diffusion::Spacing::kReference,
                                    diffusion::Ending::kNoisy};
  MaskResize mask_resize = MaskResize::kReference;
  ReweightMode reweighting = ReweightMode::kOff;
  PaperMapOptions paper_map;
  bool reweight_by_pixels = false;  ///< the paper's map compares decoded pictures, not latents
  ReweightedTokens reweighted_tokens = ReweightedTokens::kInserted;
  bool dilate_early = false;    ///< as in BlendingOptions
  bool final_blend = true;      ///< as in BlendingOptions
  bool posterior_mode = false;  ///< take the mean of the good picture's posterior, not a sample
};

/// What came of it. Decode `latent` for the pictures, `z_0` for what the autoencoder makes of the good ones.
struct Painted {
  torch::Tensor z_0;     ///< [B, C, h, w] scaled latents of the good pictures
  torch::Tensor mask;    ///< [B, 1, h, w]
  torch::Tensor latent;  ///< [B, C, h, w]
};

/// Blended sampling (AnomalyDiffusion, section "Anomaly image generation"): new content inside the masks
/// [B, 1, H, W], the good pictures [B, 3, H, W] in [-1, 1] outside, led by `context`; with adaptive attention
/// re-weighting of the inserted columns, if asked for.
Painted paint(ldm::LatentDiffusion& base, const torch::Tensor& pictures, const torch::Tensor& masks,
              const Context& context, const SamplingDraws& draws, const PaintOptions& options);

struct MaskSamplingOptions {
  diffusion::SamplerOptions sampler{diffusion::Solver::kDdim, 100, 1, diffusion::Spacing::kReference,
                                    diffusion::Ending::kNoisy};
  double guidance = 5;  ///< away from the empty caption
};

/// New masks as latents [B, C, h, w] of pictures, by plain sampling with classifier-free guidance.
torch::Tensor sample_mask_latents(ldm::LatentDiffusion& base, const Context& context,
                                  const Context& unconditional, const SamplingDraws& draws,
                                  const MaskSamplingOptions& options);

}  // namespace kizu::anomaly
