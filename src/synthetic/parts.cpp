#include "synthetic/parts.h"

#include <algorithm>
#include <iterator>

#include "synthetic/outlines.h"

namespace kizu::synthetic {
namespace {

// A bevel of the given width: a quarter circle from the outline up to the flat top. A bevel as wide as the
// part makes a cylinder or a dome.
float bevel_height(float depth, float bevel, float tall) {
  const float t = 1 - clamp01(depth / bevel);
  return tall * std::sqrt(std::max(0.0f, 1 - t * t) + 1e-3f);
}

}  // namespace

PartShape any_shape(NoiseStream& s) {
  static constexpr PartShape kShapes[] = {
      PartShape::disk,  PartShape::ring,   PartShape::ring,   PartShape::plate,   PartShape::plate,
      PartShape::plate, PartShape::nut,    PartShape::ovoid,  PartShape::ovoid,   PartShape::ovoid,
      PartShape::gear,  PartShape::thread, PartShape::thread, PartShape::polygon, PartShape::array};
  return kShapes[s.below(std::size(kShapes))];
}

Part draw_part(NoiseStream& s, int width, int height, PartShape shape, PartPlace place) {
  Part part{Plane(width, height), Plane(width, height)};
  const float side = static_cast<float>(std::min(width, height));
  const NoiseField noise(s.bits());
  const float axis = s.chance(0.5) ? 0.25f * kTurn * static_cast<float>(s.below(4)) + uniform(s, -0.08, 0.08)
                                   : uniform(s, 0, kTurn);
  const float size = side * log_uniform(s, 0.18, 0.6), shift_x = uniform(s, -0.15, 0.15),
              shift_y = uniform(s, -0.15, 0.15);
  part.axis = place.axis >= 0 ? place.axis : axis;
  part.size = place.size >= 0 ? place.size : size;
  part.x = place.x >= 0 ? place.x : static_cast<float>(width) * (0.5f + shift_x);
  part.y = place.y >= 0 ? place.y : static_cast<float>(height) * (0.5f + shift_y);
  const Outline o = draw_outline(s, shape, part.size);
  const bool round = shape == PartShape::leads || shape == PartShape::thread || s.chance(0.45);
  const float bevel = shape == PartShape::leads ? o.depth
                      : round                   ? o.b * uniform(s, 0.5, 1.1)
                                                : log_uniform(s, 1.5, 12);
  const float tall = bevel * uniform(s, 0.2, 0.9);
  const float c = std::cos(part.axis), sn = std::sin(part.axis);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const float px = static_cast<float>(x) - part.x, py = static_cast<float>(y) - part.y;
      const float u = c * px + sn * py, v = c * py - sn * px;
      const float d = outline_depth(o, noise, u, v);
      part.depth.at(x, y) = d;
      if (d < -2) continue;
      float relief = bevel_height(d, bevel, tall);
      if (shape == PartShape::thread)
        relief += 0.3f * o.depth * std::sin(kTurn * (u / o.depth + 0.25f * v / o.b));
      part.relief.at(x, y) = relief;
    }
  return part;
}

Part draw_plate_edges(NoiseStream& s, int width, int height) {
  Part part{Plane(width, height, 1e9f), Plane(width, height)};
  part.axis = s.chance(0.5) ? 0.25f * kTurn * static_cast<float>(s.below(4)) + uniform(s, -0.08, 0.08)
                            : uniform(s, 0, kTurn);
  const NoiseField noise(s.bits());
  const float side = static_cast<float>(std::min(width, height));
  const int edges = static_cast<int>(1 + s.below(4));
  const float rough = s.chance(0.5) ? uniform(s, 0, 4) : 0.0f, grain = log_uniform(s, 3, 20);
  for (int k = 0; k < edges; k++) {
    const float angle = part.axis + 0.25f * kTurn * static_cast<float>(k) + uniform(s, -0.06, 0.06);
    const float nx = std::cos(angle), ny = std::sin(angle), offset = side * uniform(s, 0.2, 0.55);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        const float px = static_cast<float>(x) - 0.5f * static_cast<float>(width);
        const float py = static_cast<float>(y) - 0.5f * static_cast<float>(height);
        float& d = part.depth.at(x, y);
        d = std::min(d, offset - nx * px - ny * py);
      }
  }
  const float bevel = log_uniform(s, 1, 10), tall = bevel * uniform(s, 0.1, 0.8);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      float& d = part.depth.at(x, y);
      if (rough > 0 && d < 6 * rough)
        d += rough * noise.fractal(static_cast<float>(x) / grain, static_cast<float>(y) / grain, 3);
      part.relief.at(x, y) = bevel_height(d, bevel, tall);
    }
  part.x = 0.5f * static_cast<float>(width);
  part.y = 0.5f * static_cast<float>(height);
  part.size = 0.5f * side;
  return part;
}

}  // namespace kizu::synthetic
