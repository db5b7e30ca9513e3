#include "inspection/score_map.h"

#include <algorithm>
#include <cmath>

namespace kizu::inspection {

torch::Tensor pixel_scores(const torch::Tensor& logits) {
  return torch::softmax(logits, 1).select(1, 1);
}

torch::Tensor image_scores(const torch::Tensor& maps) {
  constexpr double kShare = 0.005;
  const auto flat = maps.flatten(1);
  const int64_t count = std::max<int64_t>(1, std::lround(kShare * static_cast<double>(flat.size(1))));
  return std::get<0>(flat.topk(count, 1)).mean(1);
}

torch::Tensor reference_averages(const torch::Tensor& maps) {
  constexpr int64_t kWindow = 21, kPad = kWindow / 2;
  // Along one side, then the other: the same mean for 2 * 21 instead of 21^2 operations a pixel.
  const auto rows = torch::avg_pool2d(maps.unsqueeze(1), {1, kWindow}, {1, 1}, {0, kPad});
  return torch::avg_pool2d(rows, {kWindow, 1}, {1, 1}, {kPad, 0}).squeeze(1);
}

torch::Tensor reference_image_scores(const torch::Tensor& maps) {
  return reference_averages(maps).flatten(1).amax(1);
}

}  // namespace kizu::inspection
