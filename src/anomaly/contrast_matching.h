#pragma once
#include <torch/torch.h>

namespace kizu::anomaly {

/// Mean of a difference picture [3, H, W] over a mask [1, H, W] of 0 and 1, for each channel: [3]. Zero for
/// an empty mask.
torch::Tensor mean_change(const torch::Tensor& difference, const torch::Tensor& mask);

/// How brightly each pixel of a picture [3, ...] (in [-1, 1]) is lit: its mean over the channels above a
/// level a little below black. What a defect changes grows and shrinks with it: more light, more contrast.
/// The level below black keeps this from going wild in the dark.
torch::Tensor light_of(const torch::Tensor& picture);
/// light_of on the mean over a mask [1, H, W].
double light_at(const torch::Tensor& picture, const torch::Tensor& mask);

/// Moves the mean change inside the mask towards `target` [3], by `amount` (0: not at all, 1: wholly, but by
/// no more than half the range of a picture). What is added follows the strength of the difference itself, so
/// that the drawn structure stays and untouched places stay untouched. The autoencoder and a small base wash
/// out the colour and the contrast of a defect; its place and texture they get right. Our own; first moments
/// as in Reinhard et al. 2001, "Color transfer between images".
torch::Tensor match_change(const torch::Tensor& difference, const torch::Tensor& mask,
                           const torch::Tensor& target, double amount);

}  // namespace kizu::anomaly
