#pragma once
#include <torch/torch.h>

namespace kizu::inspection {

/// Logits [N, 2, H, W] -> probability of a defect [N, H, W].
torch::Tensor pixel_scores(const torch::Tensor& logits);

/// The score of each photo, [N], from its map [N, H, W] at working scale: the mean of the highest half
/// percent of the pixels, wherever they lie. A thin or broken defect counts as much as a compact one of the
/// same area (docs/results.md, "One number for a photo").
torch::Tensor image_scores(const torch::Tensor& maps);

/// Means of 21 x 21 pixels whatever the size of the photo, where pixels beyond the border count as zeros
/// (method.md, 7.2). [N, H, W] -> the same.
torch::Tensor reference_averages(const torch::Tensor& maps);
/// The score of the published code: the largest of these, [N].
torch::Tensor reference_image_scores(const torch::Tensor& maps);

}  // namespace kizu::inspection
