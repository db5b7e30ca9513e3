#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {

// Year rings seen lengthwise: a saw-tooth of warped distance, plus fine fibres and pores along the grain.
Material wood(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField rings(s.bits()), fibres(s.bits());
  const Colour early = brown(s), late = neighbour(s, early * uniform(s, 0.45, 0.85), 0.2);
  const float pitch = log_uniform(s, 6, 40), bend = uniform(s, 0.3, 3), fibre = uniform(s, 0.04, 0.18);
  const float pore = uniform(s, 0, 0.4);
  f.each([&](std::size_t i, float u, float v) {
    const float across = u / pitch + bend * rings.fractal(u / 130, v / 500, 2);
    const float phase = across - std::floor(across);
    const float ring = phase * phase * smooth_step(1.0f, 0.85f, phase);
    float tone = fibre * fibres.value(u / 1.3f, v / 60) + 0.7f * fibre * fibres.value(u / 3.1f + 40, v / 150);
    const float dot = fibres.value(u / 1.6f + 90, v / 14);
    tone -= pore * smooth_step(0.55f, 0.95f, dot);
    m.albedo.set(i, mix_colours(early, late, ring) * (1 + tone));
    m.relief.v[i] = 0.8f * tone;
  });
  m.gloss = s.chance(0.4) ? uniform(s, 0, 0.3) : 0.0f;
  return m;
}

// Wrinkled skin: raised cells between creases, two sizes laid over each other.
Material leather(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField cells(s.bits()), noise(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.6) ? brown(s) : any_colour(s);
  const float size = log_uniform(s, 4, 14), depth = uniform(s, 0.5, 2), crease = uniform(s, 0.1, 0.4);
  f.each([&](std::size_t i, float u, float v) {
    const float wx = 0.35f * noise.gradient(u / (2 * size), v / (2 * size));
    const float wy = 0.35f * noise.gradient(u / (2 * size) + 40, v / (2 * size));
    const auto big = cells.cell(u / size + wx, v / size + wy);
    const float bump = smooth_step(0.0f, 0.35f, big.second - big.nearest);
    const float fine = noise.fractal(u / 2.5f, v / 2.5f, 2);
    const float tone = crease * (bump - 0.7f) + 0.04f * fine + 0.015f * grain.normal();
    m.albedo.set(i, base * (1 + tone + 0.06f * noise.fractal(u / 90, v / 90, 2)));
    m.relief.v[i] = depth * (bump + 0.15f * fine);
  });
  m.gloss = uniform(s, 0, 0.5);
  m.polish = log_uniform(s, 6, 30);
  return m;
}

// Nut shells, seeds, skins: soft lengthwise ribs, blotches, pores.
Material shell(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField ribs(s.bits()), blotches(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.75) ? brown(s) : any_colour(s), other = neighbour(s, base, 0.5);
  const float pitch = log_uniform(s, 5, 30), rib = uniform(s, 0.02, 0.15), blotch = log_uniform(s, 10, 60);
  const float rough = uniform(s, 0.005, 0.05);
  f.each([&](std::size_t i, float u, float v) {
    const float r = ribs.fractal(u / pitch, v / (7 * pitch), 3, 0.6f);
    const float b = clamp01(0.5f + 0.8f * blotches.fractal(u / blotch, v / blotch, 3));
    m.albedo.set(i, mix_colours(base, other, b) * (1 + rib * r + rough * grain.normal()));
    m.relief.v[i] = 3 * rib * r;
  });
  m.gloss = uniform(s, 0, 0.4);
  m.polish = log_uniform(s, 8, 60);
  return m;
}

}  // namespace kizu::synthetic
