#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {

// Streaks: noise that changes fast across and slowly along the direction of the tool, at three finenesses.
Material brushed_metal(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField streaks(s.bits()), clouds(s.bits());
  GrainStream grain(s.bits());
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

// Ground ferrite: dark grey, fine grain, thin bright lines of uneven strength along one direction, dark
// stains.
Material ground_tile(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField lines(s.bits()), patches(s.bits()), marks(s.bits());
  GrainStream grain(s.bits());
  const Colour base = hsv({uniform(s, 0, 1), uniform(s, 0, 0.04), log_uniform(s, 0.15, 0.65)});
  const float strength = uniform(s, 0.05, 0.3), rough = uniform(s, 0.03, 0.11), stain = uniform(s, 0, 0.25);
  const float pitch = log_uniform(s, 0.9, 2.2), patch = log_uniform(s, 40, 160), mark = uniform(s, 0, 0.35);
  f.each([&](std::size_t i, float u, float v) {
    const float here = 0.5f + 0.7f * patches.gradient(u / patch, v / (2.5f * patch));
    const float line = lines.value(u / pitch, v / 300);
    const float bright = line > 0.45f ? (line - 0.45f) * 2.6f : 0.0f;
    float tone = strength * clamp01(here) * bright;
    tone += 0.35f * strength * lines.value(u / (3 * pitch) + 77, v / 120);
    tone += 0.3f * strength * lines.gradient(u / 25 + 9, v / 500);
    tone += rough * grain.normal() * 0.6f + 0.5f * rough * lines.gradient(u / 1.7f, v / 2.5f);
    tone -= stain * smooth_step(0.25f, 0.9f, marks.fractal(u / 60, v / 60, 3));
    tone -= mark * smooth_step(0.75f, 1.1f, patches.gradient(u / 9 + 50, v / 14));
    m.albedo.set(i, base * (1 + tone));
    m.relief.v[i] = 0.6f * tone;
  });
  m.gloss = uniform(s, 0, 0.3);
  m.polish = 6;
  return m;
}

Material cast_metal(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField lumps(s.bits()), tint(s.bits());
  GrainStream grain(s.bits());
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
  GrainStream grain(s.bits());
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
