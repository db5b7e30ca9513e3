#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {
namespace {

float triangle(float t) {
  return 1 - std::abs(2 * (t - std::floor(t)) - 1);
}

}  // namespace

// Plain or twill weave: warp and weft threads pass over each other; each thread is a rounded ridge of fibres.
Material woven(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField fibres(s.bits()), wobble(s.bits());
  const Colour warp = any_colour(s), weft = s.chance(0.6) ? neighbour(s, warp, 0.25) : any_colour(s);
  const float pitch = log_uniform(s, 4, 18), slack = uniform(s, 0.02, 0.15), hair = uniform(s, 0.05, 0.25);
  const int twill = static_cast<int>(2 + s.below(3)), step = s.chance(0.5) ? 1 : 0;
  f.each([&](std::size_t i, float u, float v) {
    const float a = u / pitch + slack * wobble.gradient(u / 30, v / 30);
    const float b = v / pitch + slack * wobble.gradient(u / 30 + 50, v / 30);
    const int ia = static_cast<int>(std::floor(a)), ib = static_cast<int>(std::floor(b));
    const int phase = ((step ? ia + ib : ia + ib * (twill / 2 + 1)) % twill + twill) % twill;
    const bool warp_up = phase * 2 < twill;
    const float across = triangle(warp_up ? a : b);
    const float along = triangle((warp_up ? b : a));
    const float ridge = std::sqrt(across + 1e-4f) * (0.75f + 0.25f * along);
    const float strand = fibres.value(warp_up ? u * 0.9f : u * 0.12f, warp_up ? v * 0.12f : v * 0.9f);
    const Colour c = warp_up ? warp : weft;
    m.albedo.set(i, c * (0.35f + 0.65f * ridge + hair * strand * 0.6f));
    m.relief.v[i] = 0.12f * pitch * ridge;
  });
  return m;
}

// Loops and tufts: dense cells with fibre noise, no strict period.
Material carpet(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField tufts(s.bits()), fibres(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = any_colour(s), other = s.chance(0.5) ? any_colour(s) : neighbour(s, base, 0.5);
  const float size = log_uniform(s, 2.5, 9), stretch = uniform(s, 0.4, 1.0), share = uniform(s, 0, 0.6);
  f.each([&](std::size_t i, float u, float v) {
    const auto cell = tufts.cell(u / size, v * stretch / size, 0.8f);
    const float shade = 1 - 0.75f * cell.nearest;
    const Colour c = static_cast<float>(cell.id) < 256 * share ? other : base;
    m.albedo.set(i, c * (shade * (1 + 0.3f * fibres.gradient(u, v * 0.3f)) + 0.05f * grain.normal()));
    m.relief.v[i] = 0.3f * size * shade;
  });
  return m;
}

// A mesh of wires over a ground of another colour.
Material wire_grid(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField wobble(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour ground = scaled(s, any_colour(s), 0.2, 1), wire = any_colour(s);
  const float pitch = log_uniform(s, 10, 48), ratio = log_uniform(s, 0.6, 1.6), thick = uniform(s, 0.1, 0.4);
  const float shear = s.chance(0.4) ? uniform(s, -0.7, 0.7) : 0.0f, bend = uniform(s, 0, 0.06);
  f.each([&](std::size_t i, float u, float v) {
    const float a = (u + shear * v) / pitch + bend * wobble.gradient(u / 60, v / 60);
    const float b = v / (pitch * ratio) + bend * wobble.gradient(u / 60 + 9, v / 60);
    const float da = 1 - triangle(a), db = 1 - triangle(b);
    const float d = std::min(da, db) / thick;
    const float on = smooth_step(1.05f, 0.95f - 0.8f / (pitch * thick), d);
    const float round = std::sqrt(std::max(0.0f, 1 - d * d));
    m.albedo.set(i, mix_colours(ground, wire * (0.5f + 0.5f * round), on) * (1 + 0.03f * grain.normal()));
    m.relief.v[i] = on * round * pitch * thick * 0.5f;
  });
  m.gloss = uniform(s, 0, 0.6);
  return m;
}

// Rows of V-shaped loops.
Material knit(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField fibres(s.bits()), wobble(s.bits());
  const Colour base = any_colour(s);
  const float pitch = log_uniform(s, 7, 22), slope = uniform(s, 0.4, 1.2), contrast = uniform(s, 0.3, 0.75);
  f.each([&](std::size_t i, float u, float v) {
    const float a = u / pitch + 0.05f * wobble.gradient(u / 25, v / 25);
    const float arm = triangle(a);
    const float b = v / pitch + slope * arm + 0.05f * wobble.gradient(u / 25 + 33, v / 25);
    const float loop = std::sqrt(triangle(b) * smooth_step(0.0f, 0.35f, triangle(2 * a)) + 1e-4f);
    const float hair = fibres.gradient(u / 1.5f, v / 4.0f);
    m.albedo.set(i, base * (1 - contrast + contrast * loop + 0.08f * hair));
    m.relief.v[i] = 0.15f * pitch * loop;
  });
  return m;
}

}  // namespace kizu::synthetic
