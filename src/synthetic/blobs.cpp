#include <algorithm>

#include "synthetic/shapes.h"

namespace kizu::synthetic {
namespace {

/// Calls f(i, u, v) for the pixels within `reach` of the ellipse's centre, in its own axes.
template <typename F>
void each_near(const Shape& shape, const Ellipse& e, float reach, F&& f) {
  const int x0 = std::max(0, static_cast<int>(e.x - reach)),
            x1 = std::min(shape.width() - 1, static_cast<int>(e.x + reach));
  const int y0 = std::max(0, static_cast<int>(e.y - reach)),
            y1 = std::min(shape.height() - 1, static_cast<int>(e.y + reach));
  const float c = std::cos(e.angle), s = std::sin(e.angle);
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++) {
      const float px = static_cast<float>(x) - e.x, py = static_cast<float>(y) - e.y;
      f(shape.depth.index(x, y), c * px + s * py, c * py - s * px);
    }
}

}  // namespace

void add_blob(Shape& shape, const Ellipse& e, const NoiseField& noise) {
  const float small = std::min(e.a, e.b), reach = std::max(e.a, e.b) * (1 + e.ragged * 1.5f) + 3;
  each_near(shape, e, reach, [&](std::size_t i, float u, float v) {
    const float r = std::sqrt(u * u / (e.a * e.a) + v * v / (e.b * e.b));
    const float push =
        e.ragged > 0 ? e.ragged * noise.fractal(e.grain * u / small, e.grain * v / small, e.octaves) : 0.0f;
    const float depth = (1 - r + push) * small;
    if (depth <= shape.depth.v[i]) return;
    shape.depth.v[i] = depth;
    shape.along.v[i] = r;
  });
}

void add_polygon(Shape& shape, const Ellipse& e, int sides, NoiseStream& s) {
  std::vector<float> cosine(sides), sine(sides), distance(sides);
  for (int k = 0; k < sides; k++) {
    const float angle =
        6.2831853f * (static_cast<float>(k) + uniform(s, -0.35, 0.35)) / static_cast<float>(sides);
    cosine[k] = std::cos(angle);
    sine[k] = std::sin(angle);
    distance[k] = uniform(s, 0.65, 1.0);
  }
  each_near(shape, e, 1.8f * std::max(e.a, e.b) + 3, [&](std::size_t i, float u, float v) {
    float depth = 9;
    for (int k = 0; k < sides; k++)
      depth = std::min(depth, distance[k] - cosine[k] * u / e.a - sine[k] * v / e.b);
    depth *= std::min(e.a, e.b);
    if (depth <= shape.depth.v[i]) return;
    shape.depth.v[i] = depth;
    shape.along.v[i] = std::sqrt(u * u / (e.a * e.a) + v * v / (e.b * e.b));
  });
}

}  // namespace kizu::synthetic
