#include <algorithm>

#include "synthetic/defects.h"
#include "synthetic/palette.h"

namespace kizu::synthetic {
namespace {

struct PitLook {
  Colour floor, rim;
  float strength, rim_width, light_x, light_y, ragged, slope;
};

PitLook draw_pit_look(Brush& b) {
  PitLook p{};
  p.floor = b.toned(b.look.chance(0.85) ? -uniform(b.look, 0.35, 0.98) : uniform(b.look, 0.3, 0.8));
  p.rim = b.toned(uniform(b.look, 0.1, 0.7));
  p.strength = uniform(b.look, 0.6, 1);
  p.rim_width = b.look.chance(0.6) ? uniform(b.look, 0.8, 2.5) * b.canvas.unit : 0.0f;
  const float azimuth = uniform(b.look, 0, kTurn);
  p.light_x = std::cos(azimuth);
  p.light_y = std::sin(azimuth);
  p.ragged = uniform(b.look, 0.05, 0.45);
  p.slope = uniform(b.look, 0.15, 1);
  return p;
}

// Darkest where the wall throws its shadow, lighter towards the far wall, a rim of light around.
void paint_pit(Brush& b, const PitLook& p, const Ellipse& e, const NoiseField& noise) {
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  add_blob(shape, e, noise);
  const float small = std::min(e.a, e.b);
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float depth = shape.depth.v[i];
      if (depth < -p.rim_width - 1) continue;
      const float facing =
          ((static_cast<float>(x) - e.x) * p.light_x + (static_cast<float>(y) - e.y) * p.light_y) / small;
      const float cover = clamp01(depth + 0.5f);
      if (p.rim_width > 0) {
        const float rim =
            smooth_step(-p.rim_width - 0.5f, 0.0f, depth) * (1 - cover) * clamp01(0.5f + 0.6f * facing);
        b.layers.paint(i, p.rim, rim * p.strength);
        b.layers.cover(i, rim);
      }
      const float grade = 1 + 0.35f * facing + 0.15f * noise.fractal(x * 0.3f, y * 0.3f, 2);
      const float wall = 1 - p.slope * (1 - clamp01(depth / (0.6f * small)));
      b.layers.paint(i, p.floor * std::max(0.0f, grade), cover * p.strength * (0.35f + 0.65f * wall));
      b.layers.cover(i, cover);
    }
}

}  // namespace

void draw_pit(Brush& b) {
  const PitLook look = draw_pit_look(b);
  const float flat = uniform(b.look, 0.5, 1);
  const NoiseField noise(b.place.bits());
  const float size = std::max(1.6f, b.extent);
  paint_pit(b, look, {b.x, b.y, size, size * flat, uniform(b.place, 0, kTurn), look.ragged, 0.8f, 3}, noise);
}

void draw_hole(Brush& b) {
  PitLook look = draw_pit_look(b);
  look.floor = b.toned(-uniform(b.look, 0.75, 1));
  look.strength = uniform(b.look, 0.85, 1);
  look.slope *= 0.3f;
  const float flat = uniform(b.look, 0.55, 1);
  const NoiseField noise(b.place.bits());
  paint_pit(b, look, {b.x, b.y, b.extent, b.extent * flat, uniform(b.place, 0, kTurn), look.ragged, 1.2f, 4},
            noise);
}

void draw_blowholes(Brush& b) {
  const PitLook look = draw_pit_look(b);
  const int most = static_cast<int>(1 + b.look.below(10));
  const float size = std::max(1.6f, log_uniform(b.look, 1.6, 7) * b.canvas.unit);
  const NoiseField noise(b.place.bits());
  const int count = std::max(1, most - static_cast<int>(b.place.below(3)));
  for (int k = 0; k < count; k++) {
    const float far = k == 0 ? 0.0f : b.extent * uniform(b.place, 0.1, 1), turn = uniform(b.place, 0, kTurn);
    const float a = size * log_uniform(b.place, 0.6, 1.5), flat = uniform(b.place, 0.5, 1);
    paint_pit(
        b, look,
        {b.x + far * std::cos(turn), b.y + far * std::sin(turn), a, a * flat, turn, look.ragged, 0.8f, 3},
        noise);
  }
}

namespace {

/// Slope of a smooth bump or hollow towards the light, 0 outside; strongest half-way down its side.
void shade_bump(Brush& b, const Shape& shape, float small, float strength, float azimuth, float flat_top) {
  const float lx = std::cos(azimuth), ly = std::sin(azimuth);
  Plane height(shape.width(), shape.height());
  for (std::size_t i = 0; i < height.v.size(); i++)
    height.v[i] = smooth_step(0.0f, small * (1 - 0.7f * flat_top), shape.depth.v[i]);
  for (int y = 0; y < height.height; y++)
    for (int x = 0; x < height.width; x++) {
      const std::size_t i = height.index(x, y);
      if (shape.depth.v[i] < 0) continue;
      const float gx = height.clamped(x + 1, y) - height.clamped(x - 1, y);
      const float gy = height.clamped(x, y + 1) - height.clamped(x, y - 1);
      b.layers.lighten(i, std::clamp(strength * small * 0.5f * (gx * lx + gy * ly), -0.85f, 1.5f));
      b.layers.cover(i, smooth_step(0.0f, 0.12f, height.v[i]));
    }
}

}  // namespace

void draw_dent(Brush& b) {
  const float strength = uniform(b.look, 0.35, 1.1), azimuth = uniform(b.look, 0, kTurn),
              flat = uniform(b.look, 0, 0.9);
  const float ragged = uniform(b.look, 0, 0.3), ratio = uniform(b.look, 0.35, 1);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const Ellipse e{b.x, b.y, b.extent, b.extent * ratio, uniform(b.place, 0, kTurn), ragged, 0.7f, 2};
  add_blob(shape, e, noise);
  shade_bump(b, shape, e.b, strength, azimuth, flat);
}

void draw_bubble(Brush& b) {
  const float strength = uniform(b.look, 0.3, 0.9), azimuth = uniform(b.look, 0, kTurn);
  const int count = static_cast<int>(1 + b.look.below(4));
  const float shine = uniform(b.look, 0.2, 0.9), edge = uniform(b.look, 0, 0.4);
  const NoiseField noise(b.place.bits());
  for (int k = 0; k < count; k++) {
    Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
    const float size = std::max(2.5f, b.extent * (k == 0 ? 1.0f : uniform(b.place, 0.25, 0.8)));
    const float x = b.x + (k == 0 ? 0.0f : uniform(b.place, -2, 2) * b.extent);
    const float y = b.y + (k == 0 ? 0.0f : uniform(b.place, -2, 2) * b.extent);
    add_blob(shape,
             {x, y, size, size * uniform(b.place, 0.75, 1), uniform(b.place, 0, kTurn), 0.08f, 0.7f, 1},
             noise);
    shade_bump(b, shape, size, -strength, azimuth, 0);
    const float hx = x - 0.4f * size * std::cos(azimuth), hy = y - 0.4f * size * std::sin(azimuth);
    for (int py = 0; py < shape.height(); py++)
      for (int px = 0; px < shape.width(); px++) {
        const std::size_t i = shape.depth.index(px, py);
        const float depth = shape.depth.v[i];
        if (depth < 0) continue;
        const float r2 = ((px - hx) * (px - hx) + (py - hy) * (py - hy)) / (0.06f * size * size + 0.6f);
        b.layers.paint(i, {1, 1, 1}, shine * std::exp(-r2));
        b.layers.lighten(i, -edge * std::exp(-depth));
        b.layers.cover(i, 1);
      }
  }
}

}  // namespace kizu::synthetic
