#include <algorithm>

#include "synthetic/defects.h"
#include "synthetic/palette.h"

namespace kizu::synthetic {
namespace {

Ellipse spot(Brush& b, float ratio, float ragged, float grain, int octaves) {
  return {b.x,    b.y,   b.extent, std::max(1.5f, b.extent * ratio), uniform(b.place, 0, kTurn),
          ragged, grain, octaves};
}

Shape empty_shape(const Brush& b) {
  return Shape(b.canvas.photo.width(), b.canvas.photo.height());
}

}  // namespace

// A dried drop: soft veil, sometimes a darker margin.
void draw_stain(Brush& b) {
  const float strength = uniform(b.look, 0.2, 0.75), soft = uniform(b.look, 0.05, 0.6),
              margin = uniform(b.look, 0, 0.6);
  const float ratio = uniform(b.look, 0.4, 1), ragged = uniform(b.look, 0.1, 0.5),
              mottle = uniform(b.look, 0, 0.6);
  const Colour c = b.contrasting();
  const NoiseField noise(b.place.bits());
  Shape shape = empty_shape(b);
  const Ellipse e = spot(b, ratio, ragged, 0.8f, 3);
  add_blob(shape, e, noise);
  const float fade = std::max(1.0f, soft * std::min(e.a, e.b));
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float depth = shape.depth.v[i];
      if (depth < -0.5f) continue;
      const float veil = smooth_step(-0.5f, fade, depth);
      const float ring = margin * std::exp(-(depth - fade) * (depth - fade) / (0.5f * fade * fade));
      const float spots = 1 - mottle * (0.5f + 0.5f * noise.fractal(x * 0.08f, y * 0.08f, 3));
      b.layers.paint(i, c, strength * clamp01(veil * spots + ring * veil));
      b.layers.cover(i, veil);
    }
}

void draw_discoloration(Brush& b) {
  const float ratio = uniform(b.look, 0.3, 1), ragged = uniform(b.look, 0.1, 0.6),
              strength = uniform(b.look, 0.25, 0.8);
  const float soft = uniform(b.look, 0.02, 0.5);
  const Colour here = b.canvas.around(b.x, b.y, 10);
  Colour c = b.toned(b.look.chance(0.5) ? uniform(b.look, 0.2, 0.7) : -uniform(b.look, 0.25, 0.7));
  if (!b.canvas.grey && b.look.chance(0.6)) {  // the same lightness, another tint
    const Colour hue = hsv({uniform(b.look, 0, 1), uniform(b.look, 0.4, 0.9), 1});
    c = hue * (std::max(luma(here), 0.15f) / std::max(luma(hue), 0.1f));
  }
  const NoiseField noise(b.place.bits());
  Shape shape = empty_shape(b);
  const Ellipse e = spot(b, ratio, ragged, 0.6f, 4);
  add_blob(shape, e, noise);
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    const float veil = smooth_step(-0.5f, std::max(0.6f, soft * e.b), shape.depth.v[i]);
    if (veil <= 0) continue;
    b.layers.paint(i, c, strength * veil);
    b.layers.cover(i, veil);
  }
}

// Paint: opaque, crisp, with drips and satellites and a glint.
void draw_colour_spot(Brush& b) {
  const Colour c = b.contrasting();
  const float strength = uniform(b.look, 0.75, 1), ragged = uniform(b.look, 0.2, 0.9),
              ratio = uniform(b.look, 0.35, 1);
  const float glint = b.look.chance(0.4) ? uniform(b.look, 0.3, 0.9) : 0.0f, thin = uniform(b.look, 0, 0.5);
  const int drops = static_cast<int>(b.look.below(7));
  const NoiseField noise(b.place.bits());
  Shape shape = empty_shape(b);
  add_blob(shape, spot(b, ratio, ragged, 1.2f, 3), noise);
  for (int k = 0; k < drops; k++) {
    const float far = b.extent * uniform(b.place, 0.8, 2), turn = uniform(b.place, 0, kTurn);
    const float size = std::max(1.0f, b.extent * uniform(b.place, 0.06, 0.35));
    const Ellipse e{b.x + far * std::cos(turn),
                    b.y + far * std::sin(turn),
                    size,
                    size * uniform(b.place, 0.5, 1),
                    turn,
                    0.3f,
                    1,
                    2};
    add_blob(shape, e, noise);
  }
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float cover = clamp01(shape.depth.v[i] + 0.5f);
      if (cover <= 0) continue;
      const float n = noise.fractal(x * 0.12f, y * 0.12f, 2);
      const float shine = glint * smooth_step(0.55f, 0.8f, n) * smooth_step(1.0f, 3.0f, shape.depth.v[i]);
      b.layers.paint(i, mix_colours(c * (1 + 0.15f * n), {1, 1, 1}, shine),
                     cover * strength * (1 - thin * clamp01(n)));
      b.layers.cover(i, cover);
    }
}

// A broad area ground, coated or lit differently: other brightness, other texture.
void draw_uneven(Brush& b) {
  const float strength = (b.look.chance(0.5) ? 1.0f : -1.0f) * uniform(b.look, 0.18, 0.55);
  const float soft = b.look.chance(0.5) ? uniform(b.look, 0.5, 2) : uniform(b.look, 4, 25),
              ratio = uniform(b.look, 0.3, 1);
  const float streaks = uniform(b.look, 0, 0.4), direction = uniform(b.look, 0, kTurn);
  const bool straight = b.look.chance(0.5);
  const NoiseField noise(b.place.bits());
  Shape shape = empty_shape(b);
  const Ellipse e = spot(b, ratio, 0.25f, 0.6f, 2);
  if (straight) {
    add_polygon(shape, e, static_cast<int>(3 + b.place.below(4)), b.place);
  } else {
    add_blob(shape, e, noise);
  }
  const float c = std::cos(direction), s = std::sin(direction);
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float veil = smooth_step(-0.5f, std::min(soft, 0.7f * e.b), shape.depth.v[i]);
      if (veil <= 0) continue;
      const float streak = noise.value((c * x + s * y) / 1.5f, (c * y - s * x) / 120);
      b.layers.lighten(i, veil * strength * (1 + streaks * 2 * streak));
      b.layers.cover(i, veil);
    }
}

void draw_rust(Brush& b) {
  const Colour deep =
      b.canvas.grey
          ? b.toned(-uniform(b.look, 0.4, 0.8))
          : hsv({uniform(b.look, 0.02, 0.07), uniform(b.look, 0.5, 0.9), uniform(b.look, 0.15, 0.5)});
  const Colour light = deep * uniform(b.look, 1.3, 2);
  const float size = log_uniform(b.look, 3, 12) * b.canvas.unit, dense = uniform(b.look, -0.15, 0.25);
  const float strength = uniform(b.look, 0.55, 1);
  const NoiseField noise(b.place.bits());
  Shape shape = empty_shape(b);
  const Ellipse e = spot(b, uniform(b.place, 0.4, 1), 0.4f, 0.8f, 3);
  add_blob(shape, e, noise);
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      if (shape.depth.v[i] < 0) continue;
      const float inside = clamp01(shape.depth.v[i] / (0.7f * e.b));
      const float flake = noise.fractal(x / size, y / size, 4, 0.6f) + dense + 1.1f * inside - 0.35f;
      const float cover = smooth_step(0.0f, 0.3f, flake);
      const float tone = clamp01(0.5f + noise.fractal(x / 2.5f + 40, y / 2.5f, 3));
      b.layers.paint(i, mix_colours(deep, light, tone), cover * strength);
      b.layers.cover(i, cover);
    }
}

// Charred centre, brown halo.
void draw_burn(Brush& b) {
  const float strength = uniform(b.look, 0.5, 1), core = uniform(b.look, 0.2, 0.7);
  const Colour char_black = b.toned(-uniform(b.look, 0.75, 0.98));
  const Colour halo =
      b.canvas.grey ? b.toned(-uniform(b.look, 0.25, 0.6))
                    : hsv({uniform(b.look, 0.05, 0.1), uniform(b.look, 0.4, 0.8), uniform(b.look, 0.2, 0.5)});
  const NoiseField noise(b.place.bits());
  Shape shape = empty_shape(b);
  const Ellipse e = spot(b, uniform(b.place, 0.5, 1), 0.35f, 0.9f, 4);
  add_blob(shape, e, noise);
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float t = shape.depth.v[i] / e.b + 0.12f * noise.fractal(x * 0.1f, y * 0.1f, 3);
      if (t <= 0) continue;
      const float veil = smooth_step(0.0f, 0.35f, t),
                  black = smooth_step(1 - core - 0.2f, 1 - core + 0.15f, t);
      b.layers.paint(i, mix_colours(halo, char_black, black), strength * veil * (0.6f + 0.4f * black));
      b.layers.cover(i, veil);
    }
}

}  // namespace kizu::synthetic
