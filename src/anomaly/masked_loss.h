#pragma once
#include <torch/torch.h>

namespace kizu::anomaly {

/// How a mask comes to the latent's resolution.
enum class MaskResize {
  /// Bilinear without antialiasing and set from 0.5 on, as in the reference: it looks at two rows and columns
  /// in eight, so
  /// that thin masks vanish.
  kReference,
  /// The covered share of each cell; set wherever a defect touches the cell, so that no mask vanishes.
  kCoverage
};

/// Mask [B, 1, H, W] in [0, 1] -> [B, 1, h, w] in [0, 1], before any threshold.
torch::Tensor resize_mask(const torch::Tensor& mask, int64_t height, int64_t width, MaskResize how);
/// The same as 0.0 and 1.0.
torch::Tensor latent_mask(const torch::Tensor& mask, int64_t height, int64_t width, MaskResize how);

struct MaskedLossOptions {
  /// Divide a sample's error by its mask area, so that a small defect weighs as much as a large one;
  /// otherwise the mean runs over all elements, as in the reference, and an empty mask contributes exactly
  /// nothing.
  bool per_area = true;
  /// Share of the plain mean squared error over the whole latent that is added.
  double whole = 0;
};

/// The masked diffusion loss of each sample, [B]: squared error of the prediction where the mask (eq. 5 of
/// the AnomalyDiffusion paper). predicted, target [B, C, h, w]; mask [B, 1, h, w], or undefined for the
/// unmasked loss.
torch::Tensor masked_loss(const torch::Tensor& predicted, const torch::Tensor& target,
                          const torch::Tensor& mask, const MaskedLossOptions& options = {});

}  // namespace kizu::anomaly
