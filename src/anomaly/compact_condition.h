#pragma once
#include "diffusion/denoiser.h"
#include "ldm/compact_model.h"

namespace kizu::anomaly {

/// The noise schedule that the base was trained with.
diffusion::Schedule schedule_of(const ldm::CompactConfig& config);

/// Where the good picture shows through to the U-Net.
enum class Background {
  kOutside,  ///< only outside the latents that the mask touches (grown by one): the defect is invented freely
  kWhole     ///< under the defect as well: what is there may shine through
};

/// 1 where the background is given: [B, 1, h, w] from masks [B, 1, 8h, 8w].
torch::Tensor known_latents(const torch::Tensor& mask, Background background);

/// Condition for the compact U-Net from the good picture's latent [B, C, h, w], a mask [B, 1, 8h, 8w] of 0
/// and 1, and appearance tokens [B or 1, n, context_dim]. The spatial tokens are made here.
ldm::CompactCondition condition(ldm::CompactModel& model, const torch::Tensor& good,
                                const torch::Tensor& mask, const torch::Tensor& appearance,
                                const torch::Tensor& known);

/// v-prediction loss of the compact U-Net, per sample [B]: `whole` * mean over the window + `inside` * mean
/// over the latents the mask touches (grown by one). Each sample weighs alike whatever the size of its
/// defect.
torch::Tensor v_loss(ldm::CompactModel& model, const diffusion::Schedule& schedule, const torch::Tensor& x_0,
                     const torch::Tensor& mask, const ldm::CompactCondition& condition,
                     const torch::Tensor& t, const torch::Tensor& eps, double whole, double inside);

/// The U-Net as a denoiser. `guidance` other than 1 extrapolates from the null appearance. `attention`, if
/// given, is read at every call, so that a hook may change its weights between steps.
diffusion::Denoiser compact_denoiser(const ldm::CompactModel& model, const ldm::CompactCondition& condition,
                                     double guidance = 1, const ldm::AttentionMap* attention = nullptr);

}  // namespace kizu::anomaly
