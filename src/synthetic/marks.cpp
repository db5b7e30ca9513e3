#include "synthetic/marks.h"

#include <algorithm>

#include "synthetic/palette.h"
#include "synthetic/shapes.h"

namespace kizu::synthetic {
namespace {

void lay_over(Picture& albedo, const Shape& shape, Colour c, float strength) {
  for (std::size_t i = 0; i < albedo.pixels(); i++) {
    const float cover = clamp01(shape.depth.v[i] + 0.5f);
    if (cover > 0) albedo.set(i, mix_colours(albedo.get(i), c, cover * strength));
  }
}

// Glyphs are a few strokes between the nodes of a 3 x 5 raster: they read as writing without being any.
void add_text(Picture& albedo, NoiseStream& s) {
  const float side = static_cast<float>(std::min(albedo.width(), albedo.height()));
  const float height = side * log_uniform(s, 0.04, 0.2), width = 0.6f * height,
              thick = height * uniform(s, 0.04, 0.1);
  const int glyphs = static_cast<int>(1 + s.below(9)), lines = static_cast<int>(1 + s.below(3));
  const float turn = s.chance(0.7) ? 0.25f * kTurn * static_cast<float>(s.below(4)) : uniform(s, 0, kTurn);
  const float c = std::cos(turn), sn = std::sin(turn);
  const float x0 = side * uniform(s, 0.25, 0.75), y0 = side * uniform(s, 0.25, 0.75);
  const Colour ink = s.chance(0.6) ? metal_colour(s, 0.02, 0.95) : any_colour(s);
  const float strength = uniform(s, 0.15, 0.95);
  Shape shape(albedo.width(), albedo.height());
  for (int line = 0; line < lines; line++)
    for (int g = 0; g < glyphs; g++) {
      if (s.chance(0.12)) continue;
      const auto node = [&]() {
        const float u = (static_cast<float>(g) - 0.5f * static_cast<float>(glyphs)) * 1.5f * width +
                        0.5f * width * static_cast<float>(s.below(3));
        const float v =
            static_cast<float>(line) * 1.6f * height + 0.25f * height * static_cast<float>(s.below(5));
        return Knot{x0 + c * u - sn * v, y0 + sn * u + c * v, std::max(0.5f, thick)};
      };
      std::vector<Knot> path{node()};
      const auto strokes = 2 + s.below(4);
      for (int64_t k = 0; k < strokes; k++) path.push_back(node());
      add_stroke(shape, path);
    }
  lay_over(albedo, shape, ink, strength);
}

void add_handling_scratches(Picture& albedo, NoiseStream& s) {
  const float side = static_cast<float>(std::min(albedo.width(), albedo.height()));
  const auto count = 1 + s.below(6);
  Shape shape(albedo.width(), albedo.height());
  const NoiseField noise(s.bits());
  for (int64_t k = 0; k < count; k++) {
    const Walk walk{side * uniform(s, 0, 1),
                    side * uniform(s, 0, 1),
                    uniform(s, 0, kTurn),
                    side * log_uniform(s, 0.04, 0.4),
                    3,
                    0.03f,
                    0.02f};
    auto path = walk_path(walk, uniform(s, 0.3, 0.8), s);
    taper(path, 0.4f, 0.3f, noise);
    add_stroke(shape, path);
  }
  const float tone = s.chance(0.5) ? 0.95f : 0.05f;
  lay_over(albedo, shape, {tone, tone, tone}, uniform(s, 0.04, 0.2));
}

void add_dust(Picture& albedo, NoiseStream& s) {
  const auto count = 3 + s.below(40);
  const Colour c = metal_colour(s, 0.0, 1.0);
  const float strength = uniform(s, 0.1, 0.5);
  for (int64_t k = 0; k < count; k++) {
    const auto x = static_cast<int>(s.below(albedo.width())), y = static_cast<int>(s.below(albedo.height()));
    const auto wide = s.below(3);
    for (int dx = 0; dx <= wide; dx++) {
      const std::size_t i = albedo.c[0].index(std::min(x + dx, albedo.width() - 1), y);
      albedo.set(i, mix_colours(albedo.get(i), c, strength));
    }
  }
}

}  // namespace

void add_marks(Picture& albedo, NoiseStream& s) {
  const bool text = s.chance(0.12), scratches = s.chance(0.2), dust = s.chance(0.2);
  if (text) add_text(albedo, s);
  if (scratches) add_handling_scratches(albedo, s);
  if (dust) add_dust(albedo, s);
}

void add_grain(Picture& albedo, NoiseStream& s) {
  if (s.chance(0.35)) return;
  const float strength = log_uniform(s, 0.01, 0.1);
  const auto run = s.chance(0.4) ? 1 + s.below(12) : 1;  // grain drawn out along the rows or columns
  const bool columns = s.chance(0.5);
  GrainStream grain(s.bits());
  const int width = albedo.width(), height = albedo.height();
  const float keep = run > 1 ? std::exp(-1.0f / static_cast<float>(run)) : 0.0f;
  const float fresh = std::sqrt(1 - keep * keep);
  std::vector<float> state(std::max(width, height), 0.0f);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      float& n = state[columns ? x : y];
      n = keep * n + fresh * grain.normal();
      const std::size_t i = albedo.c[0].index(x, y);
      albedo.set(i, albedo.get(i) * std::max(0.0f, 1 + strength * n));
    }
}

}  // namespace kizu::synthetic
