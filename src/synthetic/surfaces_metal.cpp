#include <algorithm>

#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {

// Streaks: noise that changes fast across and slowly along the direction of the tool, at three finenesses.
Material brushed_metal(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField streaks(s.bits()), clouds(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = metal_colour(s, 0.2, 0.75);
  const float fine = uniform(s, 0.02, 0.14), wide = uniform(s, 0.01, 0.1), rough = uniform(s, 0.0, 0.05);
  const float length = log_uniform(s, 30, 400), pitch = log_uniform(s, 0.7, 2.5),
              band = log_uniform(s, 5, 30);
  const float cloud = uniform(s, 0, 0.12), waviness = s.chance(0.2) ? uniform(s, 1, 6) : 0.0f;
  f.each([&](std::size_t i, float u, float v) {
    if (waviness > 0) u += waviness * std::sin(v * 0.02f);
    float tone = fine * streaks.value(u / pitch, v / length);
    tone += 0.7f * fine * streaks.value(u / (2.3f * pitch) + 31, v / (0.4f * length));
    tone += wide * streaks.gradient(u / band, v / (6 * band * 4));
    tone += cloud * clouds.gradient(u / 90, v / 90) + rough * grain.normal();
    m.albedo.set(i, base * (1 + tone));
    m.relief.v[i] = 2 * tone;
  });
  m.gloss = uniform(s, 0, 0.5);
  m.polish = log_uniform(s, 4, 40);
  return m;
}

// Ground ferrite and steel: every pixel column has its own strength, few of them strong; strong lines come
// and go along their length, and shine where the light falls.
Material ground_tile(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField lines(s.bits()), patches(s.bits()), marks(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = hsv({uniform(s, 0, 1), uniform(s, 0, 0.04), log_uniform(s, 0.15, 0.65)});
  const float dense = uniform(s, 0.04, 0.3), sparse = uniform(s, 0.1, 1.1), rarity = uniform(s, 0.55, 0.93);
  const float rough = uniform(s, 0.03, 0.12), stain = uniform(s, 0, 0.25), mark = uniform(s, 0, 0.35);
  const float pitch = log_uniform(s, 0.8, 1.8), patch = log_uniform(s, 40, 160),
              length = log_uniform(s, 15, 150);
  const float sheen = uniform(s, 0, 0.35), wear = uniform(s, 0.2, 1);
  f.each([&](std::size_t i, float u, float v) {
    const float column = std::floor(u / pitch), across = u / pitch - column;
    const int k = static_cast<int>(column);
    const float profile = 1 - std::abs(2 * across - 1);
    const float chosen = clamp01((lines.at(k, 7) - rarity) / (1 - rarity));
    const float here = 0.55f + 0.8f * patches.gradient(u / patch, v / (2 * patch));
    const float on = smooth_step(-wear, 0.4f, lines.gradient(0.5f + 3.7f * column, v / length));
    float tone = sparse * chosen * chosen * profile * on * clamp01(here);
    tone +=
        dense * (lines.value(u / pitch, v / 400 + 3) + 0.6f * lines.value(u / (2.5f * pitch) + 77, v / 250));
    tone += 0.5f * dense * lines.gradient(u / 14 + 9, v / 900) + sheen * (here - 0.55f);
    tone += rough * (0.7f * grain.normal() + 0.5f * lines.gradient(u / 1.3f, v / 2.2f));
    tone -= stain * smooth_step(0.25f, 0.9f, marks.fractal(u / 60, v / 60, 3));
    tone -= mark * smooth_step(0.75f, 1.1f, patches.gradient(u / 7 + 50, v / 9));
    m.albedo.set(i, base * std::max(0.1f, 1 + tone));
  });
  m.gloss = uniform(s, 0, 0.2);
  m.polish = 6;
  return m;
}

Material cast_metal(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField lumps(s.bits()), tint(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = metal_colour(s, 0.15, 0.7), other = neighbour(s, base, 0.4);
  const float size = log_uniform(s, 3, 14), depth = uniform(s, 0.4, 2.2), rough = uniform(s, 0.01, 0.07);
  f.each([&](std::size_t i, float u, float v) {
    const float lump = lumps.fractal(u / size, v / size, 4, 0.6f);
    const float blend = clamp01(0.5f + 0.6f * tint.fractal(u / 45, v / 45, 3));
    m.albedo.set(i, mix_colours(base, other, blend) * (1 + 0.12f * lump + rough * grain.normal()));
    m.relief.v[i] = depth * size * 0.12f * lump;
  });
  m.gloss = uniform(s, 0.05, 0.5);
  m.polish = log_uniform(s, 6, 30);
  return m;
}

Material sandblasted(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField pits(s.bits()), clouds(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.6) ? metal_colour(s, 0.25, 0.85) : any_colour(s);
  const float size = log_uniform(s, 1.2, 4), rough = uniform(s, 0.02, 0.1), depth = uniform(s, 0.1, 0.7);
  const float cloud = uniform(s, 0, 0.1);
  f.each([&](std::size_t i, float u, float v) {
    const float pit =
        pits.gradient(u / size, v / size) + 0.5f * pits.gradient(u / (2.7f * size), v / (2.7f * size));
    m.albedo.set(
        i, base * (1 + rough * (pit + 0.5f * grain.normal()) + cloud * clouds.fractal(u / 70, v / 70, 2)));
    m.relief.v[i] = depth * pit;
  });
  m.gloss = uniform(s, 0, 0.3);
  return m;
}

}  // namespace kizu::synthetic
