#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {

Material smooth_plastic(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField clouds(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = any_colour(s);
  const float cloud = uniform(s, 0, 0.06), rough = s.chance(0.5) ? uniform(s, 0, 0.02) : 0.0f;
  f.each([&](std::size_t i, float u, float v) {
    const float c = clouds.gradient(u / 120, v / 120);
    m.albedo.set(i, base * (1 + cloud * c + rough * grain.normal()));
    m.relief.v[i] = 4 * cloud * c;
  });
  m.gloss = uniform(s, 0, 0.8);
  m.polish = log_uniform(s, 10, 120);
  return m;
}

// Lacquer with orange peel: a shallow, smooth relief that only the highlight shows, sometimes metallic
// flakes.
Material painted(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField peel(s.bits()), flakes(s.bits());
  const Colour base = any_colour(s);
  const float size = log_uniform(s, 3, 12), depth = uniform(s, 0.03, 0.25);
  const float flake = s.chance(0.35) ? uniform(s, 0.05, 0.25) : 0.0f;
  f.each([&](std::size_t i, float u, float v) {
    const float p = peel.fractal(u / size, v / size, 2);
    const float sparkle = flake > 0 ? flake * flakes.value(u / 1.2f, v / 1.2f) : 0.0f;
    m.albedo.set(i, base * (1 + 0.02f * p + sparkle));
    m.relief.v[i] = depth * size * 0.4f * p;
  });
  m.gloss = uniform(s, 0.2, 0.9);
  m.polish = log_uniform(s, 15, 80);
  return m;
}

Material rubber(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField dust(s.bits()), fine(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.7) ? metal_colour(s, 0.04, 0.3) : any_colour(s);
  const float amount = uniform(s, 0, 0.12), rough = uniform(s, 0.01, 0.06);
  const float pitch = log_uniform(s, 5, 25), groove = s.chance(0.3) ? uniform(s, 0.3, 1.5) : 0.0f;
  f.each([&](std::size_t i, float u, float v) {
    const float specks = amount * smooth_step(0.6f, 1.0f, dust.fractal(u / 2.5f, v / 2.5f, 2));
    const float ridge = groove * std::sin(6.2832f * u / pitch);
    const Colour c = base * (1 + rough * (fine.fractal(u / 4, v / 4, 2) + grain.normal()));
    m.albedo.set(i, c + Colour{specks, specks, specks});
    m.relief.v[i] = 0.3f * fine.fractal(u / 6, v / 6, 2) + ridge;
  });
  m.gloss = uniform(s, 0, 0.35);
  m.polish = log_uniform(s, 4, 20);
  return m;
}

Material paper(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField fibres(s.bits()), flutes(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.5) ? brown(s) : mix_colours(any_colour(s), {0.9f, 0.9f, 0.88f}, 0.6f);
  const float rough = uniform(s, 0.01, 0.08), corrugated = s.chance(0.4) ? uniform(s, 0.01, 0.06) : 0.0f;
  const float pitch = log_uniform(s, 10, 40);
  f.each([&](std::size_t i, float u, float v) {
    const float fibre = fibres.gradient(u / 2, v / 7) + fibres.gradient(u / 9 + 20, v / 2.2f);
    const float wave = corrugated * std::sin(6.2832f * u / pitch) + 0.03f * flutes.gradient(u / 80, v / 80);
    m.albedo.set(i, base * (1 + rough * (0.6f * fibre + 0.6f * grain.normal()) + wave));
    m.relief.v[i] = 0.25f * fibre;
  });
  return m;
}

}  // namespace kizu::synthetic
