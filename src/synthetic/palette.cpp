#include "synthetic/palette.h"

#include <algorithm>

namespace kizu::synthetic {

Colour hsv(Hsv c) {
  const auto channel = [&](float n) {
    const float k = std::fmod(n + c.hue * 6, 6.0f);
    return c.value - c.value * c.saturation * std::max(0.0f, std::min({k, 4 - k, 1.0f}));
  };
  return {channel(5), channel(3), channel(1)};
}

Colour any_colour(NoiseStream& s) {
  const float hue = uniform(s, 0, 1);
  const double choice = s.uniform();
  if (choice < 0.35) return hsv({hue, uniform(s, 0, 0.12), uniform(s, 0.05, 0.95)});
  if (choice < 0.75) return hsv({hue, uniform(s, 0.1, 0.5), uniform(s, 0.12, 0.9)});
  return hsv({hue, uniform(s, 0.45, 0.95), uniform(s, 0.25, 0.95)});
}

Colour metal_colour(NoiseStream& s, float low, float high) {
  const float value = uniform(s, low, high);
  if (s.chance(0.12)) return hsv({uniform(s, 0.05, 0.13), uniform(s, 0.25, 0.6), value});
  return hsv({uniform(s, 0, 1), uniform(s, 0, 0.08), value});
}

Colour brown(NoiseStream& s) {
  return hsv({uniform(s, 0.03, 0.12), uniform(s, 0.2, 0.7), uniform(s, 0.15, 0.85)});
}

Colour neighbour(NoiseStream& s, Colour c, float spread) {
  const float gain = 1 + uniform(s, -spread, spread);
  const float tint = 0.3f * spread;
  return {clamp01(c.r * (gain + uniform(s, -tint, tint))), clamp01(c.g * (gain + uniform(s, -tint, tint))),
          clamp01(c.b * (gain + uniform(s, -tint, tint)))};
}

Colour scaled(NoiseStream& s, Colour c, float low, float high) {
  return c * uniform(s, low, high);
}

}  // namespace kizu::synthetic
