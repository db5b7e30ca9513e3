#include "inspection/score_map.h"

#include <algorithm>
#include <cmath>

namespace kizu::inspection {

ImageScore ImageScore::improved(int64_t height, int64_t width) {
  const double side = 21.0 * static_cast<double>(std::min(height, width)) / 256.0;
  return {2 * static_cast<int64_t>(std::lround(std::max(side - 1, 0.0) / 2)) + 1, false};
}

torch::Tensor pixel_scores(const torch::Tensor& logits) {
  return torch::softmax(logits, 1).select(1, 1);
}

torch::Tensor averaged(const torch::Tensor& maps, const ImageScore& how) {
  const int64_t window = how.window, pad = window / 2;
  // Along one side, then the other: the same mean for 2 * window instead of window^2 operations a pixel.
  const auto rows =
      torch::avg_pool2d(maps.unsqueeze(1), {1, window}, {1, 1}, {0, pad}, false, how.counts_padding);
  return torch::avg_pool2d(rows, {window, 1}, {1, 1}, {pad, 0}, false, how.counts_padding).squeeze(1);
}

torch::Tensor image_scores(const torch::Tensor& maps, const ImageScore& how) {
  return averaged(maps, how).flatten(1).amax(1);
}

}  // namespace kizu::inspection
