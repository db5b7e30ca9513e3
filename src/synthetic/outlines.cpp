#include "synthetic/outlines.h"

#include <algorithm>

namespace kizu::synthetic {
namespace {

float box(float x, float y, float a, float b) {
  const float dx = std::abs(x) - a, dy = std::abs(y) - b;
  const float ox = std::max(dx, 0.0f), oy = std::max(dy, 0.0f);
  return -(std::sqrt(ox * ox + oy * oy) + std::min(std::max(dx, dy), 0.0f));
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

float ovoid(const Outline& o, const NoiseField& noise, float x, float y) {
  const float b = o.b * (1 + 0.25f * o.wobble * x / o.a);
  const float r = std::sqrt(x * x / (o.a * o.a) + y * y / (b * b));
  const float bump = o.wobble * 0.15f * noise.gradient(2 * x / o.a, 2 * y / b);
  return (1 - r * (1 + bump)) * std::min(o.a, b);
}

float gear(const Outline& o, float x, float y) {
  const float r = std::sqrt(x * x + y * y);
  const float tooth = std::sin(std::atan2(y, x) * static_cast<float>(o.count));
  const float outer = o.a + o.depth * std::clamp(1.8f * tooth, -1.0f, 1.0f);
  return std::min(outer - r, r - o.corner);
}

float thread(const Outline& o, float x, float y) {
  const float phase = x / o.depth + (y > 0 ? 0.5f : 0.0f);
  const float wave = std::abs((phase - std::floor(phase)) * 2 - 1);
  return std::min(o.b - std::abs(y) - 0.35f * o.depth * wave, o.a - std::abs(x));
}

// Bars that leave the case side by side, then bend apart.
float leads(const Outline& o, float x, float y) {
  float d = -1e9f;
  for (int k = 0; k < o.count; k++) {
    const float centre = 1.5f * o.b * ((static_cast<float>(k) + 0.5f) / static_cast<float>(o.count) - 0.5f);
    const float away = centre * (1 + 1.5f * o.wobble * smooth_step(0.15f, 0.6f, x / o.a));
    d = std::max(d, box(x - 0.5f * o.a, y - away, 0.5f * o.a, o.depth));
  }
  return d;
}

float array(const Outline& o, float x, float y) {
  const float u = x - o.pitch * std::nearbyint(x / o.pitch), v = y - o.pitch * std::nearbyint(y / o.pitch);
  Outline one = o;
  one.a = 0.42f * o.pitch;
  one.b = one.a * o.b / o.a;
  one.corner = std::min(o.corner, one.b);
  return plate(one, u, v);
}

}  // namespace

float outline_depth(const Outline& o, const NoiseField& noise, float x, float y) {
  const float r = std::sqrt(x * x + y * y);
  switch (o.shape) {
    case PartShape::disk:
      return o.a - r;
    case PartShape::ring:
      return std::min(o.a - r, r - o.corner);
    case PartShape::plate:
    case PartShape::body:
      return plate(o, x, y);
    case PartShape::polygon:
      return polygon(o, x, y);
    case PartShape::nut:
      return std::min(polygon(o, x, y), r - o.corner);
    case PartShape::ovoid:
      return ovoid(o, noise, x, y);
    case PartShape::gear:
      return gear(o, x, y);
    case PartShape::thread:
      return thread(o, x, y);
    case PartShape::leads:
      return leads(o, x, y);
    case PartShape::array:
      return array(o, x, y);
  }
  return o.a - r;
}

Outline draw_outline(NoiseStream& s, PartShape shape, float size) {
  Outline o;
  o.shape = shape;
  o.a = size;
  o.b = size * (shape == PartShape::thread ? uniform(s, 0.12, 0.4) : uniform(s, 0.3, 1.0));
  if (shape == PartShape::body) o.b = size * uniform(s, 0.7, 1.0);
  const bool flat = shape == PartShape::plate || shape == PartShape::body || shape == PartShape::array;
  const double roundest = s.chance(0.4) ? 1.0 : 0.3;
  o.corner = flat ? o.b * uniform(s, 0.02, roundest) : o.a * uniform(s, 0.25, 0.85);
  if (shape == PartShape::gear && s.chance(0.4)) o.corner = 0;
  o.count = static_cast<int>(shape == PartShape::gear ? 8 + s.below(24) : 3 + s.below(6));
  if (shape == PartShape::nut) o.count = 6;
  if (shape == PartShape::leads) o.count = static_cast<int>(2 + s.below(5));
  o.depth = shape == PartShape::gear     ? o.a * uniform(s, 0.03, 0.12)
            : shape == PartShape::thread ? log_uniform(s, 5, 20)
                                         : std::max(1.5f, o.b * uniform(s, 0.05, 0.12));
  o.wobble = uniform(s, 0, 1);
  o.pitch = log_uniform(s, 18, 80);
  return o;
}

}  // namespace kizu::synthetic
