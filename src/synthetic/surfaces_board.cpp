#include "synthetic/material.h"
#include "synthetic/noise_field.h"

namespace kizu::synthetic {
namespace {

float fraction(float t) {
  return t - std::floor(t);
}

}  // namespace

// Solder mask with traces on a grid (each cell passes straight, turns or ends in a pad) and drilled pads.
Material circuit(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField route(s.bits()), noise(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour mask = s.chance(0.6) ? hsv({uniform(s, 0.25, 0.7), uniform(s, 0.3, 0.9), uniform(s, 0.1, 0.5)})
                                    : any_colour(s);
  const Colour copper = neighbour(s, mask * uniform(s, 1.3, 1.9), 0.15);
  const Colour pad = s.chance(0.5) ? metal_colour(s, 0.5, 0.95) : hsv({0.11f, 0.5f, uniform(s, 0.5, 0.9)});
  const float pitch = log_uniform(s, 12, 36), width = uniform(s, 0.12, 0.32), ring = uniform(s, 0.2, 0.42);
  const float many = uniform(s, 0.1, 0.6);
  f.each([&](std::size_t i, float u, float v) {
    const float a = u / pitch, b = v / pitch;
    const int ia = static_cast<int>(std::floor(a)), ib = static_cast<int>(std::floor(b));
    const float x = fraction(a) - 0.5f, y = fraction(b) - 0.5f;
    // A link between two neighbouring cells belongs to their common edge, so that both agree on it.
    float d = 9;
    if (route.at(2 * ia, ib) < 0.5f && x < 0) d = std::min(d, std::abs(y));
    if (route.at(2 * ia + 2, ib) < 0.5f && x > 0) d = std::min(d, std::abs(y));
    if (route.at(2 * ia + 1, ib) < 0.5f && y < 0) d = std::min(d, std::abs(x));
    if (route.at(2 * ia + 1, ib + 1) < 0.5f && y > 0) d = std::min(d, std::abs(x));
    const float soft = 0.7f / pitch;
    const float on = smooth_step(width / 2 + soft, width / 2 - soft, d);
    Colour c = mix_colours(mask, copper, on);
    float height = on;
    const float r = std::sqrt(x * x + y * y);
    if (route.at(ia + 100, ib + 7) < many) {
      const float disk = smooth_step(ring + soft, ring - soft, r);
      const float hole = smooth_step(0.4f * ring + soft, 0.4f * ring - soft, r);
      c = mix_colours(mix_colours(c, pad, disk), {0.05f, 0.05f, 0.05f}, hole);
      height = std::max(height, 1.5f * disk) - 2 * hole;
    }
    m.albedo.set(i, c * (1 + 0.06f * noise.fractal(u / 20, v / 20, 3) + 0.02f * grain.normal()));
    m.relief.v[i] = 0.8f * height;
  });
  m.gloss = uniform(s, 0, 0.5);
  return m;
}

// Strips of copper with holes in rows.
Material perforated_board(NoiseStream& s, const Frame& f) {
  Material m(f);
  const NoiseField noise(s.bits());
  GrainStream grain(s.bits() ^ f.grain);
  const Colour base = s.chance(0.5) ? brown(s) : any_colour(s),
               gap = scaled(s, neighbour(s, base, 0.4), 0.2, 1);
  const float pitch = log_uniform(s, 14, 64), radius = uniform(s, 0.12, 0.38), slit = uniform(s, 0, 0.12);
  const Colour hole = base * uniform(s, 0.05, 0.35);
  const bool staggered = s.chance(0.25);
  f.each([&](std::size_t i, float u, float v) {
    const float b = v / pitch, row = std::floor(b);
    const float a = u / pitch + (staggered ? 0.5f * std::fmod(std::abs(row), 2.0f) : 0);
    const float x = fraction(a) - 0.5f, y = fraction(b) - 0.5f, r = std::sqrt(x * x + y * y),
                soft = 0.8f / pitch;
    const float inside = smooth_step(radius + soft, radius - soft, r);
    const float rim = smooth_step(radius + 4 * soft, radius + soft, r) * (1 - inside);
    const float cut = slit > 0.01f && !staggered ? smooth_step(slit, slit - soft, 0.5f - std::abs(x)) : 0.0f;
    Colour c = mix_colours(base, gap, cut) *
               (1 + 0.05f * noise.fractal(u / 25, v / 25, 4) + 0.025f * grain.normal());
    c = mix_colours(c * (1 + 0.25f * rim), hole, inside);
    m.albedo.set(i, c);
    m.relief.v[i] = -3 * inside - cut;
  });
  m.gloss = uniform(s, 0, 0.4);
  return m;
}

// Marks like print: rows of small glyphs made of bars on a 3 x 5 raster, or stripes and boxes.
Material printed(NoiseStream& s, const Frame& f) {
  Material m = s.chance(0.5) ? paper(s, f) : smooth_plastic(s, f);
  const NoiseField glyphs(s.bits());
  const Colour ink = scaled(s, any_colour(s), 0.1, 1);
  const float size = log_uniform(s, 8, 40), fill = uniform(s, 0.35, 0.9), strength = uniform(s, 0.5, 1);
  const float leading = uniform(s, 1.2, 2.2);
  f.each([&](std::size_t i, float u, float v) {
    const float a = u / size, b = v / (size * leading);
    const int column = static_cast<int>(std::floor(a)), row = static_cast<int>(std::floor(b));
    if (glyphs.at(column / 4 + 31, row + 90) > fill) return;  // gaps between words
    const float x = fraction(a) * 4, y = fraction(b) * leading * 5;
    if (x > 3 || y > 5) return;
    const int cell = static_cast<int>(x) + 3 * static_cast<int>(y);
    if (glyphs.at(column * 16 + cell, row) > 0.55f) return;
    const float edge = std::min({fraction(x), 1 - fraction(x), fraction(y), 1 - fraction(y)});
    m.albedo.set(i, mix_colours(m.albedo.get(i), ink, strength * (edge < 0.08f ? 0.7f : 1.0f)));
  });
  return m;
}

}  // namespace kizu::synthetic
