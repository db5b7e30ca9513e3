#include <algorithm>

#include "synthetic/defects.h"
#include "synthetic/palette.h"

namespace kizu::synthetic {
namespace {

/// What shows where a piece is gone: the background if there is one, else raw or dark matter.
Colour behind(Brush& b) {
  Colour sum;
  int n = 0;
  for (std::size_t i = 0; i < b.canvas.foreground.v.size(); i += 37)
    if (b.canvas.foreground.v[i] < 0.5f) sum = sum + b.canvas.photo.get(i), n++;
  if (n < 20) return b.toned(b.look.chance(0.75) ? -uniform(b.look, 0.6, 0.98) : uniform(b.look, 0.3, 0.8));
  return sum * (1.0f / static_cast<float>(n));
}

// Fracture surfaces are facets: flat pieces of different brightness.
float facet(const NoiseField& noise, float x, float y, float size) {
  const auto cell = noise.cell(x / size, y / size);
  return static_cast<float>(cell.id) / 128 - 1 + 0.4f * noise.fractal(x * 0.25f, y * 0.25f, 3);
}

}  // namespace

void draw_chip(Brush& b) {
  const Colour raw = b.toned(b.look.chance(0.5) ? uniform(b.look, 0.2, 0.7) : -uniform(b.look, 0.3, 0.9));
  const Colour gone = behind(b);
  const float rough = uniform(b.look, 0.1, 0.45), deep = uniform(b.look, 0, 1),
              size = log_uniform(b.look, 2, 9);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const Ellipse e{b.x,
                  b.y,
                  std::max(2.0f, b.extent),
                  std::max(1.6f, b.extent * uniform(b.place, 0.35, 0.9)),
                  uniform(b.place, 0, kTurn),
                  0.25f,
                  1.2f,
                  3};
  if (b.look.chance(0.5)) {
    add_polygon(shape, e, static_cast<int>(4 + b.place.below(4)), b.place);
  } else {
    add_blob(shape, e, noise);
  }
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float cover = clamp01(shape.depth.v[i] + 0.5f) * (b.canvas.foreground.v[i] > 0.5f ? 1.0f : 0.0f);
      if (cover <= 0) continue;
      const float t = smooth_step(deep - 0.15f, deep + 0.15f, 1 - shape.along.v[i]);
      const float tone =
          1 + rough * facet(noise, static_cast<float>(x), static_cast<float>(y), size * b.canvas.unit);
      b.layers.paint(i, mix_colours(raw * tone, gone * (0.8f + 0.2f * tone), t), cover * 0.97f);
      b.layers.cover(i, cover);
    }
}

// A torn, crumbled region along the edge, in crumbs and holes.
void draw_fray(Brush& b) {
  const Colour dark = b.toned(-uniform(b.look, 0.35, 0.9)), bright = b.toned(uniform(b.look, 0.1, 0.6));
  const float size = log_uniform(b.look, 2.5, 9) * b.canvas.unit, dense = uniform(b.look, -0.1, 0.35),
              strength = uniform(b.look, 0.6, 1);
  const float ratio = uniform(b.look, 0.2, 0.6);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const Ellipse e{b.x,  b.y,  b.extent, std::max(2.5f, b.extent * ratio), uniform(b.place, 0, kTurn),
                  0.5f, 1.0f, 4};
  add_blob(shape, e, noise);
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      if (shape.depth.v[i] < 0 || b.canvas.foreground.v[i] < 0.5f) continue;
      const float inside = clamp01(shape.depth.v[i] / (0.8f * e.b));
      const float torn = noise.fractal(x / size, y / size, 4, 0.65f) + dense + 0.9f * inside - 0.3f;
      const float cover = smooth_step(-0.05f, 0.12f, torn);
      const float light =
          clamp01(0.35f + 0.8f * noise.fractal(x / (0.6f * size) + 9, y / (0.6f * size) - 9, 3));
      b.layers.paint(i, mix_colours(dark, bright, light), cover * strength);
      b.layers.cover(i, cover);
    }
}

// A piece has broken away: background inside, a fracture band along the break.
void draw_break(Brush& b) {
  const Colour gone = behind(b),
               raw = b.toned(b.look.chance(0.5) ? uniform(b.look, 0.1, 0.5) : -uniform(b.look, 0.2, 0.6));
  const float band = log_uniform(b.look, 1, 8) * b.canvas.unit, rough = uniform(b.look, 0.1, 0.4);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const Ellipse e{b.x,   b.y,  b.extent, b.extent * uniform(b.place, 0.35, 0.9), uniform(b.place, 0, kTurn),
                  0.18f, 1.5f, 4};
  add_polygon(shape, e, static_cast<int>(4 + b.place.below(4)), b.place);
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      if (b.canvas.foreground.v[i] < 0.5f) continue;
      const float fx = static_cast<float>(x), fy = static_cast<float>(y);
      const float depth = shape.depth.v[i] + 2 * noise.fractal(fx * 0.12f, fy * 0.12f, 3);
      const float cover = clamp01(depth + 0.5f);
      if (cover <= 0) continue;
      const float open = smooth_step(band - 0.5f, band + 0.5f, depth);
      const Colour wall = raw * (1 + rough * facet(noise, fx, fy, 5 * b.canvas.unit));
      const float grain = 1 + 0.06f * noise.fractal(fx * 0.5f, fy * 0.5f, 2);
      b.layers.paint(i, mix_colours(wall, gone * grain, open), cover);
      b.layers.cover(i, cover);
    }
}

// Something is not there: the place is as plain as its surroundings, or shows the background.
void draw_missing(Brush& b) {
  const bool see_through = b.look.chance(0.5);
  const Colour gone = see_through ? behind(b) : b.toned(uniform(b.look, -0.4, 0.4));
  const float ratio = uniform(b.look, 0.3, 1), grain = uniform(b.look, 0, 0.06),
              shade = uniform(b.look, -0.25, 0.25);
  const bool boxy = b.look.chance(0.5);
  const NoiseField noise(b.place.bits());
  GrainStream fine(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const Ellipse e{b.x,  b.y,  b.extent, std::max(2.0f, b.extent * ratio), uniform(b.place, 0, kTurn),
                  0.1f, 0.8f, 2};
  if (boxy) {
    add_polygon(shape, e, 4, b.place);
  } else {
    add_blob(shape, e, noise);
  }
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float cover = clamp01(shape.depth.v[i] + 0.5f);
      if (cover <= 0) continue;
      const float tone = 1 + grain * fine.normal() + shade * std::exp(-std::max(0.0f, shape.depth.v[i]) / 3);
      b.layers.paint(i, gone * tone, cover);
      b.layers.cover(i, cover);
    }
}

// The content itself is pushed aside: a rotation or shift that fades out towards the mask's border.
void draw_bent(Brush& b) {
  const float push = b.extent * uniform(b.look, 0.3, 0.8),
              twist = b.look.chance(0.5) ? uniform(b.look, -1.6, 1.6) : 0.0f;
  const float turn = uniform(b.look, 0, kTurn), ratio = uniform(b.look, 0.5, 1),
              dim = uniform(b.look, -0.2, 0.1);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const Ellipse e{b.x, b.y, b.extent, b.extent * ratio, uniform(b.place, 0, kTurn), 0.1f, 0.7f, 2};
  add_blob(shape, e, noise);
  const float sx = twist == 0 ? push * std::cos(turn) : 0.0f, sy = twist == 0 ? push * std::sin(turn) : 0.0f;
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      if (shape.depth.v[i] < 0) continue;
      const float w = smooth_step(0.0f, 0.5f * e.b, shape.depth.v[i]);
      const float dx = static_cast<float>(x) - b.x, dy = static_cast<float>(y) - b.y;
      const float c = std::cos(twist * w), s = std::sin(twist * w);
      b.layers.flow_x.v[i] += w * sx + c * dx - s * dy - dx;
      b.layers.flow_y.v[i] += w * sy + s * dx + c * dy - dy;
      b.layers.lighten(i, dim * w);
      b.layers.cover(i, smooth_step(0.0f, 0.15f, w));
    }
  b.layers.warps = true;
}

}  // namespace kizu::synthetic
