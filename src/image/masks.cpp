#include "image/masks.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace kizu {
namespace {

/// Along rows (or columns when `stride` is the row length): a pixel is set when any of those within `radius`
/// is.
void spread(const std::uint8_t* from, std::uint8_t* to, int count, std::size_t stride, int radius) {
  int last_set = -radius - 1;  // nearest set pixel at or before i
  for (int i = 0; i < count; i++) {
    if (from[i * stride]) last_set = i;
    to[i * stride] = i - last_set <= radius;
  }
  int next_set = count + radius;
  for (int i = count - 1; i >= 0; i--) {
    if (from[i * stride]) next_set = i;
    if (next_set - i <= radius) to[i * stride] = 1;
  }
}

Mask inverted(Mask mask) {
  for (std::uint8_t& value : mask.values) value = value == 0;
  return mask;
}

/// Overlap of the cells of a coarse or fine grid with source pixels: cell i covers [i * from / to, (i + 1) *
/// from / to).
struct Overlap {
  int first, last;    // source pixels, inclusive
  double head, tail;  // covered part of the first and of the last
};

Overlap overlap(int cell, int from, int to) {
  const double begin = static_cast<double>(cell) * from / to, end = static_cast<double>(cell + 1) * from / to;
  Overlap o{};
  o.first = std::min(static_cast<int>(begin), from - 1);
  o.last = std::clamp(static_cast<int>(std::ceil(end - 1e-9)) - 1, o.first, from - 1);
  o.head = o.first == o.last ? end - begin : o.first + 1 - begin;
  o.tail = o.first == o.last ? o.head : end - o.last;
  return o;
}

double weight(const Overlap& o, int i) {
  return i == o.first ? o.head : i == o.last ? o.tail : 1.0;
}

}  // namespace

long long area(const Mask& mask) {
  return std::count_if(mask.values.begin(), mask.values.end(), [](std::uint8_t v) { return v != 0; });
}

double share_of_photo(const Mask& mask) {
  return mask.values.empty() ? 0 : static_cast<double>(area(mask)) / static_cast<double>(mask.values.size());
}

Box bounding_box(const Mask& mask) {
  Box box{mask.width, mask.height, 0, 0};
  for (int y = 0; y < mask.height; y++)
    for (int x = 0; x < mask.width; x++)
      if (mask.at(x, y))
        box = {std::min(box.x0, x), std::min(box.y0, y), std::max(box.x1, x + 1), std::max(box.y1, y + 1)};
  return box.empty() ? Box{} : box;
}

std::vector<Component> components(const Mask& mask, std::vector<int>* labels) {
  std::vector<int> own;
  std::vector<int>& label = labels ? *labels : own;
  label.assign(mask.values.size(), 0);
  std::vector<Component> found;
  std::vector<std::pair<int, int>> open;
  for (int y0 = 0; y0 < mask.height; y0++)
    for (int x0 = 0; x0 < mask.width; x0++) {
      if (!mask.at(x0, y0) || label[static_cast<std::size_t>(y0) * mask.width + x0]) continue;
      Component part;
      part.box = {x0, y0, x0 + 1, y0 + 1};
      const int number = static_cast<int>(found.size()) + 1;
      label[static_cast<std::size_t>(y0) * mask.width + x0] = number;
      open.assign(1, {x0, y0});
      while (!open.empty()) {
        const auto [x, y] = open.back();
        open.pop_back();
        part.area++;
        part.center_x += x, part.center_y += y;
        part.box = {std::min(part.box.x0, x), std::min(part.box.y0, y), std::max(part.box.x1, x + 1),
                    std::max(part.box.y1, y + 1)};
        for (int v = std::max(0, y - 1); v <= std::min(mask.height - 1, y + 1); v++)
          for (int u = std::max(0, x - 1); u <= std::min(mask.width - 1, x + 1); u++) {
            int& at = label[static_cast<std::size_t>(v) * mask.width + u];
            if (at || !mask.at(u, v)) continue;
            at = number;
            open.push_back({u, v});
          }
      }
      part.center_x /= static_cast<double>(part.area);
      part.center_y /= static_cast<double>(part.area);
      found.push_back(part);
    }
  return found;
}

Mask dilate(const Mask& mask, int radius) {
  if (radius <= 0) return mask;
  Mask rows = Mask::blank(mask.width, mask.height), out = rows;
  const auto width = static_cast<std::size_t>(mask.width);
  for (int y = 0; y < mask.height; y++)
    spread(&mask.values[y * width], &rows.values[y * width], mask.width, 1, radius);
  for (int x = 0; x < mask.width; x++) spread(&rows.values[x], &out.values[x], mask.height, width, radius);
  return out;
}

Mask erode(const Mask& mask, int radius) {
  return radius <= 0 ? mask : inverted(dilate(inverted(mask), radius));
}

Mask ring(const Mask& mask, int radius, int width) {
  const Mask inner = dilate(mask, radius);
  Mask out = dilate(mask, radius + width);
  for (std::size_t i = 0; i < out.values.size(); i++) out.values[i] = out.values[i] && !inner.values[i];
  return out;
}

Mask resize(const Mask& mask, int width, int height, double threshold) {
  if (width < 1 || height < 1 || mask.values.empty()) throw std::logic_error("resize: an empty mask");
  std::vector<Overlap> across;
  for (int x = 0; x < width; x++) across.push_back(overlap(x, mask.width, width));
  const double cell = static_cast<double>(mask.width) / width * mask.height / height;
  Mask out = Mask::blank(width, height);
  for (int y = 0; y < height; y++) {
    const Overlap down = overlap(y, mask.height, height);
    for (int x = 0; x < width; x++) {
      double covered = 0;
      for (int v = down.first; v <= down.last; v++)
        for (int u = across[x].first; u <= across[x].last; u++)
          if (mask.at(u, v)) covered += weight(down, v) * weight(across[x], u);
      // The small slack absorbs rounding of the weights, so that half covered counts at 0.5.
      out.at(x, y) = covered > 1e-9 && covered >= threshold * cell - 1e-9;
    }
  }
  return out;
}

Mask crop(const Mask& mask, const Box& box) {
  if (box.x0 < 0 || box.y0 < 0 || box.x1 > mask.width || box.y1 > mask.height || box.empty())
    throw std::logic_error("crop: the box leaves the mask");
  Mask out = Mask::blank(box.width(), box.height());
  for (int y = 0; y < out.height; y++)
    std::copy_n(&mask.values[static_cast<std::size_t>(y + box.y0) * mask.width + box.x0], out.width,
                &out.values[static_cast<std::size_t>(y) * out.width]);
  return out;
}

}  // namespace kizu
