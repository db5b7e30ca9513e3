#include <algorithm>

#include "synthetic/defects.h"
#include "synthetic/palette.h"

namespace kizu::synthetic {
namespace {

/// A path of the brush's extent through its centre.
std::vector<Knot> centred_path(Brush& b, float radius, float drift, float jitter, float step = 2) {
  Walk walk{0, 0, uniform(b.place, 0, kTurn), 2 * b.extent, step * b.canvas.unit, drift, jitter};
  auto path = walk_path(walk, radius, b.place);
  const Knot middle = path[path.size() / 2];
  for (Knot& k : path) k.x += b.x - middle.x, k.y += b.y - middle.y;
  return path;
}

/// 0..1 across the outline of a shape, antialiased.
float coverage_at(float depth, float soft = 0.5f) {
  return clamp01(depth / (2 * soft) + 0.5f);
}

void draw_crack_branches(Brush& b, Shape& shape, const std::vector<Knot>& trunk, float jitter, float many,
                         const NoiseField& noise) {
  for (std::size_t k = 2; k + 2 < trunk.size(); k++) {
    if (!b.place.chance(many / static_cast<double>(trunk.size()))) continue;
    const float heading = std::atan2(trunk[k + 1].y - trunk[k - 1].y, trunk[k + 1].x - trunk[k - 1].x);
    const float turn = (b.place.chance(0.5) ? 1.0f : -1.0f) * uniform(b.place, 0.4, 1.1);
    Walk walk{trunk[k].x,        trunk[k].y, heading + turn, b.extent * uniform(b.place, 0.15, 0.8),
              2 * b.canvas.unit, 0.1f,       jitter};
    auto twig = walk_path(walk, 0.75f * trunk[k].radius, b.place);
    taper(twig, 0.5f, 0.4f, noise);
    add_stroke(shape, twig);
  }
}

}  // namespace

void draw_scratch(Brush& b) {
  const float unit = b.canvas.unit, radius = log_uniform(b.look, 0.5, 2.6) * unit;
  const float drift = b.look.chance(0.5) ? 0.0f : uniform(b.look, 0.01, 0.08),
              strength = uniform(b.look, 0.35, 1);
  const int lines = b.look.chance(0.7) ? 1 : static_cast<int>(2 + b.look.below(4));
  const double style = b.look.uniform();
  const Colour core = b.toned(style < 0.5 ? uniform(b.look, 0.25, 0.9) : -uniform(b.look, 0.3, 0.9));
  const bool groove = b.look.chance(0.45);
  const float skips = b.look.chance(0.4) ? uniform(b.look, 0.2, 0.7) : 0.0f;
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  auto path = centred_path(b, radius, drift, 0.01f, 3);
  const float nx = -(path.back().y - path.front().y), ny = path.back().x - path.front().x;
  const float norm = std::hypot(nx, ny) + 1e-3f;
  for (int k = 0; k < lines; k++) {
    auto line = path;
    const float shift = k == 0 ? 0.0f : uniform(b.place, -8, 8) * unit;
    if (k > 0) {  // parallel companions are shorter
      const auto from = b.place.below(static_cast<int64_t>(line.size() / 2 + 1));
      line.assign(path.begin() + from, path.begin() + from + static_cast<int64_t>(line.size() / 2));
    }
    for (Knot& knot : line) knot.x += shift * nx / norm, knot.y += shift * ny / norm;
    taper(line, 0.3f, 0.35f, noise);
    add_stroke(shape, line);
  }
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    if (shape.depth.v[i] < -1) continue;
    float cover = coverage_at(shape.depth.v[i]);
    const float gap = smooth_step(0.1f, 0.6f, noise.value(shape.along.v[i] / (6 * unit), shape.side.v[i]));
    const float alpha = cover * strength * (1 - skips * gap);
    Colour c = core;
    if (groove) c = shape.side.v[i] > 0.1f ? mix_colours(core, {1, 1, 1}, 0.45f) : core * 0.45f;
    b.layers.paint(i, c, alpha);
    b.layers.cover(i, cover);
  }
}

void draw_crack(Brush& b) {
  const float unit = b.canvas.unit, radius = log_uniform(b.look, 0.5, 3) * unit;
  const float jitter = uniform(b.look, 0.15, 0.7), many = b.look.chance(0.5) ? uniform(b.look, 0, 5) : 0.0f;
  const float strength = uniform(b.look, 0.55, 1),
              lip = b.look.chance(0.4) ? uniform(b.look, 0.05, 0.35) : 0.0f;
  const Colour dark = b.toned(-uniform(b.look, 0.45, 1));
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  auto trunk = centred_path(b, radius, 0.06f, jitter);
  taper(trunk, uniform(b.look, 0.1, 0.5), 0.6f, noise);
  add_stroke(shape, trunk);
  draw_crack_branches(b, shape, trunk, jitter, many, noise);
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    const float depth = shape.depth.v[i];
    if (depth < -2) continue;
    const float ragged = depth + 0.5f * noise.gradient(shape.along.v[i] / 2, shape.side.v[i] * 2);
    const float cover = coverage_at(ragged);
    if (lip > 0 && shape.side.v[i] > 0)
      b.layers.lighten(i, lip * smooth_step(-2.0f, -0.5f, depth) * (1 - cover));
    b.layers.paint(i, dark, cover * strength);
    b.layers.cover(i, cover);
  }
}

void draw_cut(Brush& b) {
  const float unit = b.canvas.unit, radius = log_uniform(b.look, 1, 5) * unit,
              strength = uniform(b.look, 0.6, 1);
  const Colour inside =
      b.toned(b.look.chance(0.75) ? -uniform(b.look, 0.4, 0.95) : uniform(b.look, 0.3, 0.8));
  const Colour lip = b.toned(uniform(b.look, 0.2, 0.7));
  const float lip_width = uniform(b.look, 0.15, 0.6);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  auto path = centred_path(b, radius, 0.02f, 0.0f, 3);
  taper(path, 0.5f, 0.2f, noise);
  add_stroke(shape, path);
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    if (shape.depth.v[i] < -1) continue;
    const float cover = coverage_at(shape.depth.v[i]), side = shape.side.v[i];
    const float on_lip = smooth_step(1 - lip_width - 0.2f, 1 - lip_width + 0.2f, side);
    const float tone = 1 + 0.15f * noise.gradient(shape.along.v[i] / 3, side);
    b.layers.paint(i, mix_colours(inside, lip, on_lip) * tone, cover * strength);
    b.layers.cover(i, cover);
  }
}

void draw_thread(Brush& b) {
  const float unit = b.canvas.unit, radius = log_uniform(b.look, 0.6, 2.8) * unit;
  const float drift = uniform(b.look, 0.05, 0.35), strength = uniform(b.look, 0.6, 1),
              shadow = uniform(b.look, 0, 0.5);
  const Colour c = b.contrasting();
  const NoiseField noise(b.place.bits());
  const int width = b.canvas.photo.width(), height = b.canvas.photo.height();
  const int shift = std::max(1, static_cast<int>(1.5f * radius));
  Shape shape(width, height);
  auto path = centred_path(b, radius, drift, 0.02f, 2.5f);
  taper(path, 0.05f, 0.25f, noise);
  add_stroke(shape, path);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float cast = shadow * smooth_step(-1.5f, 1.0f, shape.depth.clamped(x - shift, y - shift));
      const float cover = coverage_at(shape.depth.v[i]);
      if (cast > 0.02f) {
        b.layers.lighten(i, -cast);
        b.layers.cover(i, cast / std::max(shadow, 0.1f) * (shadow > 0.15f ? 1.0f : 0.1f));
      }
      if (cover <= 0) continue;
      const float side = shape.side.v[i],
                  round = 0.6f + 0.5f * std::sqrt(std::max(0.0f, 1 - side * side)) - 0.2f * side;
      const float twist = 1 + 0.12f * noise.gradient(shape.along.v[i] / (2 * unit), side * 2);
      b.layers.paint(i, c * (round * twist), cover * strength);
      b.layers.cover(i, cover);
    }
}

// A fold shows only by its light side and its dark side.
void draw_wrinkle(Brush& b) {
  const float unit = b.canvas.unit, radius = log_uniform(b.look, 2, 10) * unit,
              strength = uniform(b.look, 0.25, 0.7);
  const float line = b.look.chance(0.5) ? uniform(b.look, 0, 0.5) : 0.0f;
  const int folds = static_cast<int>(1 + b.look.below(3));
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  auto path = centred_path(b, radius, 0.05f, 0.03f, 3);
  taper(path, 0.5f, 0.3f, noise);
  for (int k = 0; k < folds; k++) {
    auto fold = path;
    const float dx = k == 0 ? 0 : uniform(b.place, -3, 3) * radius,
                dy = k == 0 ? 0 : uniform(b.place, -3, 3) * radius;
    for (Knot& knot : fold) knot.x += dx, knot.y += dy;
    add_stroke(shape, fold);
  }
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    if (shape.depth.v[i] < 0) continue;
    const float side = shape.side.v[i], hill = std::sin(3.14159265f * side) * (1 - 0.3f * std::abs(side));
    const float crease = line * std::exp(-side * side * 40);
    b.layers.lighten(i, strength * hill - crease);
    b.layers.cover(i, 1 - std::abs(side) > 0.08f ? 1.0f : 0.0f);
  }
}

}  // namespace kizu::synthetic
