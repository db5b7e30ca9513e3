#include "anomaly/part.h"

#include <algorithm>
#include <cmath>

namespace kizu::anomaly {

Part::Part(Layout of) : mask(std::move(of.foreground)), box(bounding_box(mask)) {
  whole = area(mask) == static_cast<long long>(mask.values.size());
  left = box.x0, top = box.y0;
  if (whole) {
    left += of.dx * mask.width, top += of.dy * mask.height;
    return;
  }
  depth.assign(mask.values.size(), 0);
  for (int y = 0; y < mask.height; y++)
    for (int x = 0; x < mask.width; x++) relax(x, y, -1);
  for (int y = mask.height; y-- > 0;)
    for (int x = mask.width; x-- > 0;) relax(x, y, 1);
  for (const int value : depth) deepest = std::max(deepest, value);
}

// One sweep of the city-block distance to the outside; the border of the photo is no outline.
void Part::relax(int x, int y, int step) {
  const auto at = [&](int u, int v) -> int& { return depth[static_cast<std::size_t>(v) * mask.width + u]; };
  if (!mask.at(x, y)) return;
  int nearest = step < 0 ? mask.width + mask.height : at(x, y);
  if (x + step >= 0 && x + step < mask.width) nearest = std::min(nearest, at(x + step, y) + 1);
  if (y + step >= 0 && y + step < mask.height) nearest = std::min(nearest, at(x, y + step) + 1);
  at(x, y) = nearest;
}

Part part_of(const Layout& layout, int width, int height) {
  const Mask& given = layout.foreground;
  if (given.width == width && given.height == height && area(given) > 0) return Part(layout);
  Mask everything = Mask::blank(width, height);
  std::fill(everything.values.begin(), everything.values.end(), std::uint8_t{1});
  return Part(std::move(everything));
}

Seat seat_of(const Mask& shape, Placed at, const Part& part, double anchor_x, double anchor_y) {
  Seat seat;
  seat.u = (at.x + anchor_x - part.left) / part.box.width();
  seat.v = (at.y + anchor_y - part.top) / part.box.height();
  double on = 0, all = 0, depth = 0;
  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++) {
      const int u = at.x + x, v = at.y + y;
      if (!shape.at(x, y) || u < 0 || v < 0 || u >= part.mask.width || v >= part.mask.height) continue;
      all++;
      if (!part.mask.at(u, v)) continue;
      on++;
      if (!part.whole) depth += part.depth[static_cast<std::size_t>(v) * part.mask.width + u];
    }
  seat.inside = all > 0 ? on / all : 0;
  seat.depth = on > 0 ? depth / on / part.deepest : 0;
  return seat;
}

double photo_scale(const Part& from, const Part& to, const Arrangement& arrangement) {
  if (arrangement.surface()) return 1;
  const double ratio =
      std::hypot(to.box.width(), to.box.height()) / std::hypot(from.box.width(), from.box.height());
  return std::abs(std::log(ratio)) < 0.1 ? 1 : ratio;  // parts differ a little from photo to photo
}

}  // namespace kizu::anomaly
