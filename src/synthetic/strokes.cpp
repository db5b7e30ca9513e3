#include <algorithm>

#include "synthetic/shapes.h"

namespace kizu::synthetic {
namespace {

void add_segment(Shape& shape, const Knot& a, const Knot& b, float start) {
  const float reach = std::max(a.radius, b.radius) + 2;
  const int x0 = std::max(0, static_cast<int>(std::min(a.x, b.x) - reach));
  const int y0 = std::max(0, static_cast<int>(std::min(a.y, b.y) - reach));
  const int x1 = std::min(shape.width() - 1, static_cast<int>(std::max(a.x, b.x) + reach));
  const int y1 = std::min(shape.height() - 1, static_cast<int>(std::max(a.y, b.y) + reach));
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float length = std::sqrt(dx * dx + dy * dy) + 1e-6f;
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++) {
      const float px = static_cast<float>(x) - a.x, py = static_cast<float>(y) - a.y;
      const float t = clamp01((px * dx + py * dy) / (length * length));
      const float ox = px - t * dx, oy = py - t * dy, off = std::sqrt(ox * ox + oy * oy);
      const float radius = a.radius + t * (b.radius - a.radius);
      const std::size_t i = shape.depth.index(x, y);
      if (radius - off <= shape.depth.v[i]) continue;
      shape.depth.v[i] = radius - off;
      shape.side.v[i] = std::clamp((px * dy - py * dx) / length / std::max(radius, 0.5f), -1.0f, 1.0f);
      shape.along.v[i] = start + t * length;
    }
}

}  // namespace

void add_stroke(Shape& shape, const std::vector<Knot>& path) {
  float start = 0;
  for (std::size_t k = 0; k + 1 < path.size(); k++) {
    add_segment(shape, path[k], path[k + 1], start);
    start += std::hypot(path[k + 1].x - path[k].x, path[k + 1].y - path[k].y);
  }
}

std::vector<Knot> walk_path(const Walk& walk, float radius, NoiseStream& s) {
  std::vector<Knot> path{{walk.x, walk.y, radius}};
  float angle = walk.angle, bend = 0;
  const int steps = std::max(1, static_cast<int>(walk.length / walk.step));
  for (int k = 0; k < steps; k++) {
    bend = 0.9f * bend + walk.drift * static_cast<float>(s.normal()) * 0.3f;
    angle += bend;
    const float turn = angle + walk.jitter * static_cast<float>(s.normal());
    const Knot& last = path.back();
    path.push_back({last.x + walk.step * std::cos(turn), last.y + walk.step * std::sin(turn), radius});
  }
  return path;
}

void taper(std::vector<Knot>& path, float share, float variation, const NoiseField& noise) {
  const auto n = static_cast<float>(path.size());
  for (std::size_t k = 0; k < path.size(); k++) {
    const float t = (static_cast<float>(k) + 0.5f) / n;
    const float end = share > 0 ? std::min(1.0f, std::min(t, 1 - t) / share) : 1.0f;
    const float vary = 1 + variation * noise.gradient(static_cast<float>(k) * 0.35f, 0.5f);
    path[k].radius *= std::max(0.15f, (0.25f + 0.75f * end) * vary);
  }
}

}  // namespace kizu::synthetic
