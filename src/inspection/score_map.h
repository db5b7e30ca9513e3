#pragma once
#include <torch/torch.h>

namespace kizu::inspection {

/// How one number is made of a score map: the maximum of a moving average.
struct ImageScore {
  int64_t window = 21;          // side of the average in pixels, odd
  bool counts_padding = false;  // true: pixels beyond the border count as zeros, which lowers scores near it

  /// The published code: 21 x 21 whatever the size of the photo, padding counted (method.md, 7.2).
  static ImageScore reference() { return {21, true}; }
  /// 21 pixels of a photo whose short side is 256, scaled with the photo; the padding does not count.
  static ImageScore improved(int64_t height, int64_t width);
};

/// Logits [N, 2, H, W] -> probability of a defect [N, H, W].
torch::Tensor pixel_scores(const torch::Tensor& logits);
/// The moving average of maps [N, H, W].
torch::Tensor averaged(const torch::Tensor& maps, const ImageScore& how);
/// The score of each photo, [N].
torch::Tensor image_scores(const torch::Tensor& maps, const ImageScore& how);

}  // namespace kizu::inspection
