#include "quality/defect_window.h"

#include <algorithm>
#include <cmath>

#include "image/transform.h"
#include "tensor/convert.h"

namespace kizu::quality {
namespace {

constexpr double kWider = 1.25;
constexpr int kSmallest = 16;  // px of the photo
constexpr int kMargin = 16;    // px that statistics of the surroundings reach into

}  // namespace

DefectPicture neighbourhood(const DefectPicture& picture) {
  const Box tight = bounding_box(picture.mask);
  TORCH_CHECK(!tight.empty(), "neighbourhood: the mask is empty");
  const int margin = std::max({kMargin, tight.width(), tight.height()});
  const Box box{std::max(0, tight.x0 - margin), std::max(0, tight.y0 - margin),
                std::min(picture.mask.width, tight.x1 + margin),
                std::min(picture.mask.height, tight.y1 + margin)};
  return {crop(picture.image, box), crop(picture.mask, box)};
}

DefectWindow defect_window(const DefectPicture& picture, int side) {
  const auto& [photo, mask] = picture;
  const Box box = bounding_box(mask);
  TORCH_CHECK(!box.empty(), "defect_window: the mask is empty");
  const int width =
      std::max(kSmallest, static_cast<int>(std::ceil(kWider * std::max(box.width(), box.height()))));
  const int left = (box.x0 + box.x1 - width) / 2, top = (box.y0 + box.y1 - width) / 2;
  Image square = Image::blank(width, width, photo.channels, photo.depth);
  Mask where = Mask::blank(width, width);
  for (int y = 0; y < width; y++)
    for (int x = 0; x < width; x++) {
      const int u = std::clamp(left + x, 0, photo.width - 1), v = std::clamp(top + y, 0, photo.height - 1);
      for (int c = 0; c < photo.channels; c++) square.at(x, y, c) = photo.at(u, v, c);
      where.at(x, y) = u == left + x && v == top + y && mask.at(u, v);
    }
  Mask small = resize(where, side, side, 0.5);
  if (area(small) == 0) small = resize(where, side, side, 0);  // a hair in a large window
  return {to_01(resize(square, side, side)), to_tensor(small)};
}

torch::Tensor defect_alone(const DefectWindow& window) {
  return torch::where(window.mask > 0, window.image, torch::full_like(window.image, 0.5));
}

}  // namespace kizu::quality
