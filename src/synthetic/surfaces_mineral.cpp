#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {

// Dark or bright grains strewn over a plain ground, several sizes.
Material speckled_stone(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField grains(s.bits()), clouds(s.bits());
  GrainStream fine(s.bits() ^ f.grain);
  const Colour base = s.chance(0.5) ? metal_colour(s, 0.3, 0.9) : any_colour(s);
  const Colour dark = neighbour(s, base, 0.9) * 0.4f,
               light = mix_colours(base, {1, 1, 1}, uniform(s, 0.1, 0.6));
  const float size = log_uniform(s, 1.5, 6), amount = uniform(s, 0.1, 0.75), rough = uniform(s, 0, 0.05);
  f.each([&](std::size_t i, float u, float v) {
    const float a = grains.fractal(u / size, v / size, 3, 0.6f);
    const float b = grains.fractal(u / (1.9f * size) + 70, v / (1.9f * size), 2);
    Colour c = mix_colours(base, dark, smooth_step(1 - amount, 1.25f - amount, a));
    c = mix_colours(c, light, smooth_step(1 - amount, 1.3f - amount, b));
    m.albedo.set(i, c * (1 + rough * fine.normal() + 0.05f * clouds.fractal(u / 80, v / 80, 2)));
  });
  m.gloss = uniform(s, 0, 0.25);
  m.polish = 60;
  return m;
}

Material terrazzo(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField chips(s.bits()), noise(s.bits());
  const Colour mortar = any_colour(s);
  Colour stones[4];
  for (Colour& c : stones) c = s.chance(0.6) ? neighbour(s, mortar, 0.7) : any_colour(s);
  const float size = log_uniform(s, 5, 24), gap = uniform(s, 0.02, 0.35), rough = uniform(s, 0.02, 0.1);
  f.each([&](std::size_t i, float u, float v) {
    const float bend = 0.25f * noise.gradient(3 * u / size, 3 * v / size);
    const auto cell = chips.cell(u / size + bend, v / size - bend);
    const float inside = smooth_step(gap, gap + 0.12f, cell.second - cell.nearest);
    const Colour stone = stones[cell.id & 3] * (0.8f + 0.4f * static_cast<float>(cell.id >> 2) / 64);
    const float tone = 1 + rough * noise.fractal(u / 3, v / 3, 2);
    m.albedo.set(i, mix_colours(mortar, stone, inside) * tone);
    m.relief.v[i] = 0.4f * inside;
  });
  m.gloss = uniform(s, 0, 0.2);
  m.polish = 60;
  return m;
}

// Veins are where warped noise crosses zero.
Material marble(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField warp(s.bits()), veins(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = any_colour(s), vein = neighbour(s, base, 0.8);
  const float size = log_uniform(s, 30, 120), thin = uniform(s, 0.04, 0.25), rough = uniform(s, 0, 0.04);
  f.each([&](std::size_t i, float u, float v) {
    const float bend = 0.6f * warp.fractal(u / size, v / size, 3);
    const float n = veins.fractal(u / size + bend, v / size + bend, 3);
    const float line = std::exp(-n * n / (thin * thin));
    m.albedo.set(
        i, mix_colours(base, vein, clamp01(0.75f * line + 0.25f * bend)) * (1 + rough * grain.normal()));
  });
  m.gloss = uniform(s, 0, 0.3);
  m.polish = 80;
  return m;
}

Material concrete(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField stains(s.bits()), pores(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.7) ? metal_colour(s, 0.25, 0.75) : any_colour(s);
  const float stain = uniform(s, 0.05, 0.25), pore = log_uniform(s, 4, 14), many = uniform(s, 0.05, 0.3);
  const float rough = uniform(s, 0.02, 0.08);
  f.each([&](std::size_t i, float u, float v) {
    const auto cell = pores.cell(u / pore, v / pore);
    const bool open = static_cast<float>(cell.id) < 256 * many;
    const float hole = open ? smooth_step(0.3f, 0.12f, cell.nearest) : 0.0f;
    const float tone =
        stain * stains.fractal(u / 50, v / 50, 5, 0.6f) + rough * grain.normal() - 0.35f * hole;
    m.albedo.set(i, base * (1 + tone));
    m.relief.v[i] = 0.8f * stains.fractal(u / 5, v / 5, 2) - 1.5f * hole;
  });
  return m;
}

}  // namespace kizu::synthetic
