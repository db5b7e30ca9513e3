#pragma once
#include <torch/torch.h>

namespace kizu::synthetic {

/// How a defect changes the picture under it, batched; all tensors on one device, float32.
struct Appearance {
  torch::Tensor colour;  // [B, 3, H, W] 0..1, what is laid over
  torch::Tensor alpha;   // [B, 1, H, W] 0..1, how opaque it is
  torch::Tensor gain;    // [B, 1, H, W] shading: the picture is multiplied by 1 + gain first
  torch::Tensor
      flow;  // [B, 2, H, W] pixels (x, y) from which the picture is fetched; undefined where none warps
};

/// The flawed picture: normal warped, shaded and covered where `mask` [B, 1, H, W] is 1; elsewhere the very
/// same values as `normal` [B, 3, H, W] in [-1, 1]. Inside, values are rounded to 8-bit levels. Runs on the
/// device of its inputs.
torch::Tensor composite(const torch::Tensor& normal, const Appearance& appearance, const torch::Tensor& mask);

/// Changes of light and colour that leave equality outside the mask intact when applied to both pictures of a
/// pair. Each tensor is [B, 3] (gain, offset) or [B, 1] (gamma).
struct LightJitter {
  torch::Tensor gain, offset, gamma;
};
/// Random jitter for a batch: `strength` 0 changes nothing, 1 is strong.
LightJitter draw_jitter(uint64_t seed, int64_t batch, double strength, torch::Device device);
/// images [B, 3, H, W] in [-1, 1] -> the same range; per pixel, so pairs stay pairs.
torch::Tensor apply_jitter(const torch::Tensor& images, const LightJitter& jitter);

/// Mean |a - b| inside the mask, per picture, in units of the range 0..1. [B]
torch::Tensor visible_change(const torch::Tensor& normal, const torch::Tensor& flawed,
                             const torch::Tensor& mask);

}  // namespace kizu::synthetic
