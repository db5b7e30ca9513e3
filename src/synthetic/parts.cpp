#include "synthetic/parts.h"

#include <algorithm>

#include "synthetic/noise_field.h"

namespace kizu::synthetic {
namespace {

constexpr float kTurn = 6.2831853f;

/// Numbers of one outline; lengths in pixels. Each shape reads what it needs.
struct Outline {
  float a, b;    // half lengths along and across
  float corner;  // rounding radius, or hole radius of a ring
  float depth;   // tooth or thread height
  int count;     // teeth, corners, leads
  float wobble;  // irregularity of organic outlines
  const NoiseField* noise;
};

float box(float x, float y, float a, float b) {
  const float dx = std::abs(x) - a, dy = std::abs(y) - b;
  const float ox = std::max(dx, 0.0f), oy = std::max(dy, 0.0f);
  return -(std::sqrt(ox * ox + oy * oy) + std::min(std::max(dx, dy), 0.0f));
}

// Signed distances, positive inside (approximate where exactness would cost).
float disk(const Outline& o, float x, float y) {
  return o.a - std::sqrt(x * x + y * y);
}

float ring(const Outline& o, float x, float y) {
  const float r = std::sqrt(x * x + y * y);
  return std::min(o.a - r, r - o.corner);
}

float plate(const Outline& o, float x, float y) {
  return box(x, y, o.a - o.corner, o.b - o.corner) + o.corner;
}

float polygon(const Outline& o, float x, float y) {
  float d = 1e9f;
  for (int k = 0; k < o.count; k++) {
    const float angle = kTurn * static_cast<float>(k) / static_cast<float>(o.count);
    d = std::min(d, o.a - x * std::cos(angle) - y * std::sin(angle));
  }
  return d;
}

float hex_nut(const Outline& o, float x, float y) {
  return std::min(polygon(o, x, y), std::sqrt(x * x + y * y) - o.corner);
}

float ovoid(const Outline& o, float x, float y) {
  const float b = o.b * (1 + 0.25f * o.wobble * x / o.a);
  const float r = std::sqrt(x * x / (o.a * o.a) + y * y / (b * b));
  const float bump = o.wobble * 0.15f * o.noise->gradient(2 * x / o.a, 2 * y / b);
  return (1 - r * (1 + bump)) * std::min(o.a, b);
}

float gear(const Outline& o, float x, float y) {
  const float r = std::sqrt(x * x + y * y);
  const float tooth = std::sin(std::atan2(y, x) * static_cast<float>(o.count));
  const float outer = o.a + o.depth * std::clamp(1.8f * tooth, -1.0f, 1.0f);
  return std::min(outer - r, r - o.corner);
}

float threaded(const Outline& o, float x, float y) {
  const float wave = std::abs(std::fmod(x / o.depth + 1000.0f + (y > 0 ? 0.5f : 0.0f), 1.0f) * 2 - 1);
  return std::min(o.b - std::abs(y) - 0.35f * o.depth * wave, o.a - std::abs(x));
}

float case_with_leads(const Outline& o, float x, float y) {
  float d = box(x + 0.4f * o.a, y, 0.6f * o.a - o.corner, o.b - o.corner) + o.corner;
  for (int k = 0; k < o.count; k++) {
    const float centre = o.b * 1.5f * ((static_cast<float>(k) + 0.5f) / static_cast<float>(o.count) - 0.5f);
    const float spread =
        x > 0.2f * o.a ? centre * (1 + o.wobble * smooth_step(0.25f, 0.6f, x / o.a)) : centre;
    d = std::max(d, box(x - 0.55f * o.a, y - spread, 0.45f * o.a, o.depth));
  }
  return d;
}

using Distance = float (*)(const Outline&, float, float);
constexpr Distance kShapes[] = {disk,  ring, ring,     plate,           plate,   hex_nut, ovoid,
                                ovoid, gear, threaded, case_with_leads, polygon, plate};

// A bevel of the given width: a quarter circle from the outline up to the flat top. A bevel as wide as the
// part makes a cylinder or a dome.
float bevel_height(float depth, float bevel, float tall) {
  const float t = 1 - clamp01(depth / bevel);
  return tall * std::sqrt(std::max(0.0f, 1 - t * t) + 1e-3f);
}

}  // namespace

Part draw_part(NoiseStream& s, int width, int height) {
  Part part{Plane(width, height), Plane(width, height), uniform(s, 0, kTurn)};
  const float side = static_cast<float>(std::min(width, height));
  const NoiseField noise(s.bits());
  const Distance shape = kShapes[s.below(std::size(kShapes))];
  Outline o{};
  o.noise = &noise;
  o.a = side * log_uniform(s, 0.2, 0.55);
  o.b = o.a * (shape == threaded ? uniform(s, 0.15, 0.45) : uniform(s, 0.3, 1.0));
  o.corner = (shape == plate || shape == case_with_leads) ? o.b * uniform(s, 0.02, s.chance(0.4) ? 1.0 : 0.3)
                                                          : o.a * uniform(s, 0.25, 0.85);
  if (shape == gear && s.chance(0.4)) o.corner = 0;
  o.count = shape == hex_nut ? 6 : static_cast<int>(shape == gear ? 8 + s.below(24) : 3 + s.below(6));
  o.depth = shape == gear       ? o.a * uniform(s, 0.03, 0.12)
            : shape == threaded ? log_uniform(s, 5, 20)
                                : std::max(1.5f, o.b * uniform(s, 0.04, 0.1));
  o.wobble = uniform(s, 0, 1);
  const float cx = width * (0.5f + uniform(s, -0.15, 0.15)), cy = height * (0.5f + uniform(s, -0.15, 0.15));
  const float c = std::cos(part.axis), sn = std::sin(part.axis);
  const float bevel = s.chance(0.5) ? o.b * uniform(s, 0.5, 1.1) : log_uniform(s, 1.5, 12);
  const float tall = bevel * uniform(s, 0.2, 0.9);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const float px = static_cast<float>(x) - cx, py = static_cast<float>(y) - cy;
      const float u = c * px + sn * py, v = c * py - sn * px;
      const float d = shape(o, u, v);
      part.depth.at(x, y) = d;
      float relief = bevel_height(d, bevel, tall);
      if (shape == threaded) relief += 0.3f * o.depth * std::sin(kTurn * (u / o.depth + 0.25f * v / o.b));
      part.relief.at(x, y) = relief;
    }
  return part;
}

Part draw_plate_edges(NoiseStream& s, int width, int height) {
  Part part{Plane(width, height, 1e9f), Plane(width, height), uniform(s, 0, kTurn)};
  if (s.chance(0.5)) part.axis = 0.25f * kTurn * static_cast<float>(s.below(4)) + uniform(s, -0.08, 0.08);
  const NoiseField noise(s.bits());
  const float side = static_cast<float>(std::min(width, height));
  const int edges = static_cast<int>(1 + s.below(4));
  const float rough = s.chance(0.5) ? uniform(s, 0, 4) : 0.0f, grain = log_uniform(s, 3, 20);
  for (int k = 0; k < edges; k++) {
    const float angle = part.axis + 0.25f * kTurn * static_cast<float>(k) + uniform(s, -0.06, 0.06);
    const float nx = std::cos(angle), ny = std::sin(angle), offset = side * uniform(s, 0.2, 0.55);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        const float px = static_cast<float>(x) - 0.5f * width, py = static_cast<float>(y) - 0.5f * height;
        float& d = part.depth.at(x, y);
        d = std::min(d, offset - nx * px - ny * py);
      }
  }
  const float bevel = log_uniform(s, 1, 10), tall = bevel * uniform(s, 0.1, 0.8);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      float& d = part.depth.at(x, y);
      if (rough > 0 && d < 6 * rough) d += rough * noise.fractal(x / grain, y / grain, 3);
      part.relief.at(x, y) = bevel_height(d, bevel, tall);
    }
  return part;
}

}  // namespace kizu::synthetic
