#include "anomaly/residual_paste.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "image/masks.h"

namespace kizu::anomaly {
namespace {

/// Squared Euclidean distances along a row, given those across it: lower envelope of parabolas (Felzenszwalb
/// & Huttenlocher 2012).
void transform_row(const float* from, float* to, int count, std::size_t stride) {
  std::vector<int> apex(count);
  std::vector<double> begin(count + 1);
  int top = -1;
  for (int i = 0; i < count; i++) {
    const double f = from[i * stride];
    if (f >= 1e12) continue;
    double meets = -std::numeric_limits<double>::infinity();
    while (top >= 0) {
      const int j = apex[top];
      meets =
          (f + static_cast<double>(i) * i - from[j * stride] - static_cast<double>(j) * j) / (2.0 * (i - j));
      if (meets > begin[top]) break;
      top--;
    }
    apex[++top] = i;
    begin[top] = top == 0 ? -std::numeric_limits<double>::infinity() : meets;
  }
  for (int i = 0, k = 0; i < count; i++) {
    if (top < 0) {
      to[i * stride] = 1e12f;
      continue;
    }
    while (k < top && begin[k + 1] <= i) k++;
    const double d = i - apex[k];
    to[i * stride] = static_cast<float>(d * d + from[apex[k] * stride]);
  }
}

/// Squared distance of each pixel of the box to the mask.
std::vector<float> squared_distance(const Mask& mask) {
  std::vector<float> rows(mask.values.size()), out(mask.values.size());
  for (std::size_t i = 0; i < rows.size(); i++) rows[i] = mask.values[i] ? 0.0f : 1e12f;
  const auto width = static_cast<std::size_t>(mask.width);
  for (int x = 0; x < mask.width; x++) transform_row(&rows[x], &out[x], mask.height, width);
  for (int y = 0; y < mask.height; y++) transform_row(&out[y * width], &rows[y * width], mask.width, 1);
  return rows;
}

}  // namespace

bool colourless(const Image& image) {
  if (image.channels == 1) return true;
  for (std::size_t i = 0; i < image.values.size(); i += 3)
    if (image.values[i] != image.values[i + 1] || image.values[i] != image.values[i + 2]) return false;
  return true;
}

torch::Tensor feathered(const Mask& mask, double radius) {
  auto alpha = torch::zeros({mask.height, mask.width});
  const Box box = bounding_box(mask);
  if (box.empty()) return alpha;
  const double reach = std::max(1.0, radius);
  const int more = static_cast<int>(std::ceil(reach));
  const Box wide{std::max(0, box.x0 - more), std::max(0, box.y0 - more), std::min(mask.width, box.x1 + more),
                 std::min(mask.height, box.y1 + more)};
  const auto distances = squared_distance(crop(mask, wide));
  float* out = alpha.data_ptr<float>();
  for (int y = wide.y0; y < wide.y1; y++)
    for (int x = wide.x0; x < wide.x1; x++) {
      const double d =
          std::sqrt(distances[static_cast<std::size_t>(y - wide.y0) * wide.width() + x - wide.x0]);
      if (d >= reach) continue;
      const double rest = 1 - d / reach;
      out[static_cast<std::size_t>(y) * mask.width + x] = static_cast<float>(rest * rest * (3 - 2 * rest));
    }
  return alpha;
}

Image paste(const Image& good, const torch::Tensor& difference, const torch::Tensor& alpha, bool grey) {
  TORCH_CHECK(difference.dim() == 3 && difference.size(0) == 3 && difference.size(1) == good.height &&
                  difference.size(2) == good.width,
              "paste: expected a difference of the photo's size, got ", difference.sizes());
  auto step = difference.detach().to(torch::kCPU, torch::kFloat32);
  if (grey || good.channels == 1) step = step.mean(0, true);
  step = step.nan_to_num(0).contiguous();
  const auto share = alpha.to(torch::kCPU, torch::kFloat32).contiguous();
  const float* strength = share.data_ptr<float>();
  const float* change = step.data_ptr<float>();
  const auto pixels = static_cast<std::size_t>(good.height) * good.width;
  const bool one = step.size(0) == 1;
  const double unit = good.max_value() / 2.0, top = good.max_value();
  Image out = good;
  for (std::size_t i = 0; i < pixels; i++) {
    if (strength[i] == 0) continue;
    for (int c = 0; c < good.channels; c++) {
      std::uint16_t& value = out.values[i * good.channels + c];
      const double wanted = value + unit * strength[i] * change[one ? i : c * pixels + i];
      value = static_cast<std::uint16_t>(std::lround(std::clamp(wanted, 0.0, top)));
    }
  }
  return out;
}

}  // namespace kizu::anomaly
