#include "anomaly/surroundings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "image/masks.h"

namespace kizu::anomaly {
namespace {

constexpr double kReach = 0.04;       // of the longer side: photos are shifted alike to a 64th already
constexpr int kFrom = 2, kWidth = 7;  // px of the look around the defect

}  // namespace

Surroundings::Surroundings(const Layout& shot, const Mask& mask, double anchor_x, double anchor_y)
    : anchor_x_(anchor_x), anchor_y_(anchor_y) {
  const Image& look = shot.look;
  if (look.empty()) return;
  // No defect may vanish on the way to the look.
  const Mask around = ring(resize(mask, look.width, look.height, 1e-6), kFrom, kWidth);
  const double across = static_cast<double>(mask.width) / look.width;
  const double down = static_cast<double>(mask.height) / look.height;
  for (int y = 0; y < look.height; y++)
    for (int x = 0; x < look.width; x++)
      if (around.at(x, y))
        points_.push_back(
            {(x + 0.5) * across - anchor_x, (y + 0.5) * down - anchor_y, static_cast<double>(look.at(x, y))});
}

// The variance of the difference to the points, the anchor being at (x, y) of the look, `step` px of the look
// for one of the shot; without bound where half of the points lie beyond the photo.
double Surroundings::unlike(const Image& look, double x, double y, double step) const {
  double sum = 0, squares = 0, count = 0;
  for (const Point& point : points_) {
    const double u = std::floor(x + step * point.x), v = std::floor(y + step * point.y);
    if (u < 0 || v < 0 || u >= look.width || v >= look.height) continue;
    const double difference = point.value - look.at(static_cast<int>(u), static_cast<int>(v));
    sum += difference, squares += difference * difference, count++;
  }
  if (2 * count <= static_cast<double>(points_.size())) return std::numeric_limits<double>::infinity();
  return squares / count - sum * sum / (count * count);
}

Surroundings::Fit Surroundings::on(const Layout& photo, double scale, double dx, double dy) const {
  Fit best{dx, dy, 1};
  if (points_.empty() || photo.look.empty()) return best;
  const double per_px = static_cast<double>(photo.look.width) / photo.foreground.width;
  const int reach = static_cast<int>(std::ceil(kReach * std::max(photo.look.width, photo.look.height)));
  double least = std::numeric_limits<double>::infinity(), sum = 0, count = 0;
  for (int v = -reach; v <= reach; v++)
    for (int u = -reach; u <= reach; u++) {
      const double x = (anchor_x_ + dx) * per_px + u, y = (anchor_y_ + dy) * per_px + v;
      const double found = unlike(photo.look, x, y, scale * per_px);
      if (!std::isfinite(found)) continue;
      sum += found, count++;
      if (found < least) least = found, best = {dx + u / per_px, dy + v / per_px, 1};
    }
  if (sum > 0) best.unlike = least * count / sum;
  return best;
}

}  // namespace kizu::anomaly
