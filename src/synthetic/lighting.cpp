#include "synthetic/lighting.h"

#include <algorithm>

#include "synthetic/noise_field.h"

namespace kizu::synthetic {

Light draw_light(NoiseStream& s) {
  const float azimuth = uniform(s, 0, 6.2831853), height = uniform(s, 0.35, 1.4);
  Light light;
  light.x = std::cos(azimuth) * std::cos(height);
  light.y = std::sin(azimuth) * std::cos(height);
  light.z = std::sin(height);
  light.ambient = uniform(s, 0.15, 0.6);
  if (s.chance(0.3)) light.tint = {1 + uniform(s, -0.12, 0.12), 1, 1 + uniform(s, -0.15, 0.15)};
  return light;
}

Picture shade(const Material& material, const Light& light) {
  const Plane& relief = material.relief;
  Picture out(relief.width, relief.height);
  const float hz = light.z + 1, half = std::sqrt(light.x * light.x + light.y * light.y + hz * hz);
  const float flat_highlight = std::pow(hz / half, material.polish);
  for (int y = 0; y < relief.height; y++)
    for (int x = 0; x < relief.width; x++) {
      const float nx = 0.5f * (relief.clamped(x - 1, y) - relief.clamped(x + 1, y));
      const float ny = 0.5f * (relief.clamped(x, y - 1) - relief.clamped(x, y + 1));
      const float norm = 1 / std::sqrt(nx * nx + ny * ny + 1);
      const float diffuse = std::max(0.0f, (nx * light.x + ny * light.y + light.z) * norm) / light.z;
      float highlight = 0;
      if (material.gloss > 0) {
        const float cosine = std::max(0.0f, (nx * light.x + ny * light.y + hz) * norm / half);
        highlight = material.gloss * (std::pow(cosine, material.polish) - 0.8f * flat_highlight);
      }
      const float level = light.ambient + (1 - light.ambient) * std::min(diffuse, 2.0f);
      const std::size_t i = relief.index(x, y);
      const Colour c = material.albedo.get(i) * level + Colour{1, 1, 1} * highlight;
      out.set(i, {c.r * light.tint.r, c.g * light.tint.g, c.b * light.tint.b});
    }
  return out;
}

void light_field(Picture& picture, NoiseStream& s) {
  const int width = picture.width(), height = picture.height();
  const NoiseField clouds(s.bits());
  const float angle = uniform(s, 0, 6.2831853), slope = s.chance(0.7) ? uniform(s, 0, 0.6) : 0.0f;
  const float gx = slope * std::cos(angle), gy = slope * std::sin(angle);
  const float vignette = s.chance(0.4) ? uniform(s, 0, 0.6) : 0.0f;
  const float spot = s.chance(0.35) ? uniform(s, -0.4, 0.6) : 0.0f, spread = log_uniform(s, 0.15, 0.6);
  const float sx = uniform(s, -0.5, 0.5), sy = uniform(s, -0.5, 0.5);
  const float band = s.chance(0.3) ? uniform(s, 0.1, 0.55) : 0.0f, band_size = log_uniform(s, 0.12, 0.8);
  const float band_angle =
      s.chance(0.7) ? 1.5707963f * static_cast<float>(s.below(2)) : uniform(s, 0, 6.2831853);
  const float bx = std::cos(band_angle) / band_size, by = std::sin(band_angle) / band_size;
  const float cloud = s.chance(0.5) ? uniform(s, 0, 0.25) : 0.0f, size = log_uniform(s, 0.25, 1);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const float u = static_cast<float>(x) / static_cast<float>(width) - 0.5f;
      const float v = static_cast<float>(y) / static_cast<float>(height) - 0.5f;
      float gain = 1 + 2 * (gx * u + gy * v) - vignette * 2 * (u * u + v * v);
      if (spot != 0) {
        const float r2 = (u - sx) * (u - sx) + (v - sy) * (v - sy);
        gain += spot * std::exp(-r2 / (spread * spread));
      }
      if (band > 0) gain += band * clouds.gradient(bx * u + by * v + 91, 0.3f * (bx * v - by * u) + 0.4f);
      if (cloud > 0) gain += cloud * clouds.gradient(u / size + 7, v / size + 3);
      gain = std::max(gain, 0.08f);
      const std::size_t i = picture.c[0].index(x, y);
      picture.set(i, picture.get(i) * gain);
    }
}

}  // namespace kizu::synthetic
