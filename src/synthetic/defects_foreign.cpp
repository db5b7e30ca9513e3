#include <algorithm>

#include "synthetic/defects.h"
#include "synthetic/palette.h"

namespace kizu::synthetic {
namespace {}  // namespace

// Grains, crumbs and splinters with a little shadow.
void draw_contamination(Brush& b) {
  const Colour c = b.contrasting();
  const int most = static_cast<int>(1 + b.look.below(14));
  const float size = log_uniform(b.look, 1.2, 8) * b.canvas.unit, strength = uniform(b.look, 0.65, 1);
  const float shadow = b.look.chance(0.5) ? uniform(b.look, 0.1, 0.45) : 0.0f,
              angular = uniform(b.look, 0, 1);
  const NoiseField noise(b.place.bits());
  const int width = b.canvas.photo.width(), height = b.canvas.photo.height();
  Shape shape(width, height);
  for (int k = 0; k < most; k++) {
    const float far = k == 0 ? 0.0f : b.extent * uniform(b.place, 0, 1), turn = uniform(b.place, 0, kTurn);
    const float a = size * log_uniform(b.place, 0.5, 2), ratio = uniform(b.place, 0.35, 1);
    const Ellipse e{b.x + far * std::cos(turn),
                    b.y + far * std::sin(turn),
                    a,
                    a * ratio,
                    uniform(b.place, 0, kTurn),
                    0.35f,
                    1,
                    3};
    if (b.place.chance(angular)) {
      add_polygon(shape, e, static_cast<int>(3 + b.place.below(4)), b.place);
    } else {
      add_blob(shape, e, noise);
    }
  }
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float cover = clamp01(shape.depth.v[i] + 0.5f);
      const float cast = shadow * clamp01(shape.depth.clamped(x - 2, y - 2) + 0.5f) * (1 - cover);
      if (cast > 0) {
        b.layers.lighten(i, -cast);
        b.layers.cover(i, shadow > 0.15f ? 1.0f : 0.1f);
      }
      if (cover <= 0) continue;
      const float tone = 1 + 0.3f * noise.fractal(x * 0.4f, y * 0.4f, 2) - 0.3f * std::exp(-shape.depth.v[i]);
      b.layers.paint(i, c * tone, cover * strength);
      b.layers.cover(i, cover);
    }
}

// Ink where none belongs: bars, an arc, a ghost of letters.
void draw_misprint(Brush& b) {
  const Colour ink = b.contrasting();
  const float strength = uniform(b.look, 0.45, 1), thick = log_uniform(b.look, 0.8, 4) * b.canvas.unit;
  const double style = b.look.uniform();
  const int strokes = static_cast<int>(2 + b.look.below(5));
  const float dry = uniform(b.look, 0, 0.6), turn = uniform(b.place, 0, kTurn);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const float c = std::cos(turn), s = std::sin(turn);
  const auto at = [&](float u, float v) { return Knot{b.x + c * u - s * v, b.y + s * u + c * v, thick}; };
  for (int k = 0; k < strokes; k++) {
    const float u = (2 * (static_cast<float>(k) + 0.5f) / static_cast<float>(strokes) - 1) * b.extent;
    const float tall = std::min(b.extent, 14 * b.canvas.unit);
    if (style < 0.35) {
      add_stroke(shape, {at(u, -tall), at(u, tall)});
    } else if (style < 0.75) {  // a glyph: three random strokes in a cell
      const float wide = 0.7f * b.extent / static_cast<float>(strokes);
      for (int j = 0; j < 3; j++) {
        const float u0 = u + wide * uniform(b.place, -1, 1), v0 = tall * uniform(b.place, -1, 1);
        const float u1 = u + wide * uniform(b.place, -1, 1), v1 = tall * uniform(b.place, -1, 1);
        add_stroke(shape, {at(u0, v0), at(u1, v1)});
      }
    } else {
      std::vector<Knot> arc;
      const float from = uniform(b.place, 0, kTurn), span = uniform(b.place, 1.5, 6);
      const float r = b.extent * (static_cast<float>(k) + 1) / static_cast<float>(strokes);
      for (int j = 0; j <= 20; j++) {
        const float t = from + span * static_cast<float>(j) / 20;
        arc.push_back(at(r * std::cos(t), r * std::sin(t)));
      }
      add_stroke(shape, arc);
    }
  }
  for (int y = 0; y < shape.height(); y++)
    for (int x = 0; x < shape.width(); x++) {
      const std::size_t i = shape.depth.index(x, y);
      const float cover = clamp01(shape.depth.v[i] + 0.5f);
      if (cover <= 0) continue;
      const float gaps = 1 - dry * clamp01(0.5f + noise.fractal(x * 0.3f, y * 0.3f, 3));
      b.layers.paint(i, ink, cover * strength * gaps);
      b.layers.cover(i, cover);
    }
}

// Something wiped along: streaks that run out at one end.
void draw_smear(Brush& b) {
  const Colour c = b.contrasting();
  const float strength = uniform(b.look, 0.35, 0.9), wide = uniform(b.look, 0.15, 0.6),
              bristle = log_uniform(b.look, 1, 4);
  const float ragged = uniform(b.look, 0.2, 0.9);
  const NoiseField noise(b.place.bits());
  Shape shape(b.canvas.photo.width(), b.canvas.photo.height());
  const float turn = uniform(b.place, 0, kTurn);
  auto path = walk_path({b.x - b.extent * std::cos(turn), b.y - b.extent * std::sin(turn), turn, 2 * b.extent,
                         3 * b.canvas.unit, 0.04f, 0.0f},
                        std::max(2.0f, wide * b.extent), b.place);
  taper(path, 0.2f, 0.2f, noise);
  add_stroke(shape, path);
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    const float cover = clamp01(shape.depth.v[i] + 0.5f);
    if (cover <= 0) continue;
    const float t = shape.along.v[i] / (2 * b.extent);
    const float hair = noise.value(shape.side.v[i] * wide * b.extent / bristle, shape.along.v[i] / 60);
    const float wet = cover * smooth_step(0.0f, 0.35f, 1.15f - t + ragged * 0.6f * hair - ragged * 0.3f);
    b.layers.paint(i, c * (1 + 0.2f * hair), strength * wet * clamp01(1 - 0.6f * t));
    b.layers.cover(i, wet);
  }
}

}  // namespace kizu::synthetic
