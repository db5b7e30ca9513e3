#include "tensor/neighbourhood.h"

namespace kizu {

torch::Tensor dilate(const torch::Tensor& mask, int64_t radius) {
  if (radius == 0) return mask;
  const int64_t side = 2 * radius + 1;
  const auto along_rows = torch::max_pool2d(mask, {1, side}, {1, 1}, {0, radius});
  return torch::max_pool2d(along_rows, {side, 1}, {1, 1}, {radius, 0});
}

torch::Tensor mean_near(const torch::Tensor& picture, int64_t radius) {
  if (radius == 0) return picture;
  const auto along = [](const torch::Tensor& of, at::IntArrayRef side, at::IntArrayRef reach) {
    return torch::avg_pool2d(of, side, {1, 1}, reach, false, /*count_include_pad=*/false);
  };
  const int64_t side = 2 * radius + 1;
  return along(along(picture, {1, side}, {0, radius}), {side, 1}, {radius, 0});
}

}  // namespace kizu
