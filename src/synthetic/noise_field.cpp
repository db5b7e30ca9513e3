#include "synthetic/noise_field.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/noise.h"

namespace kizu::synthetic {
namespace {

// floor() as a call would dominate the cost of a noise lookup.
inline int floor_int(float x) {
  const int i = static_cast<int>(x);
  return i - (x < static_cast<float>(i) ? 1 : 0);
}
inline float fade(float t) {
  return t * t * t * (t * (t * 6 - 15) + 10);
}
inline float lerp(float a, float b, float t) {
  return a + (b - a) * t;
}

}  // namespace

NoiseField::NoiseField(uint64_t seed) {
  NoiseStream stream(seed);
  std::iota(perm_.begin(), perm_.end(), uint8_t{0});
  for (int i = 255; i > 0; i--) std::swap(perm_[i], perm_[stream.below(i + 1)]);
  for (int i = 0; i < 256; i++) {
    values_[i] = static_cast<float>(stream.uniform());
    const double angle = stream.uniform(0, 6.283185307);
    gx_[i] = static_cast<float>(std::cos(angle));
    gy_[i] = static_cast<float>(std::sin(angle));
  }
}

float NoiseField::at(int ix, int iy) const {
  return values_[hash(ix, iy)];
}

float NoiseField::value(float x, float y) const {
  const int ix = floor_int(x), iy = floor_int(y);
  const float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
  const float u = fx * fx * (3 - 2 * fx), v = fy * fy * (3 - 2 * fy);
  const float top = lerp(at(ix, iy), at(ix + 1, iy), u);
  const float bottom = lerp(at(ix, iy + 1), at(ix + 1, iy + 1), u);
  return lerp(top, bottom, v) * 2 - 1;
}

float NoiseField::gradient(float x, float y) const {
  const int ix = floor_int(x), iy = floor_int(y);
  const float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
  const auto corner = [&](int dx, int dy) {
    const uint32_t h = hash(ix + dx, iy + dy);
    return gx_[h] * (fx - static_cast<float>(dx)) + gy_[h] * (fy - static_cast<float>(dy));
  };
  const float u = fade(fx), v = fade(fy);
  return 1.5f * lerp(lerp(corner(0, 0), corner(1, 0), u), lerp(corner(0, 1), corner(1, 1), u), v);
}

float NoiseField::fractal(float x, float y, int octaves, float gain) const {
  float sum = 0, amplitude = 1, total = 0;
  for (int i = 0; i < octaves; i++) {
    sum += amplitude * gradient(x, y);
    total += amplitude;
    amplitude *= gain;
    x = 2 * x + 17.3f;
    y = 2 * y + 5.7f;
  }
  return sum / total * (1 + 0.25f * static_cast<float>(octaves - 1));
}

NoiseField::Cell NoiseField::cell(float x, float y, float jitter) const {
  const int ix = floor_int(x), iy = floor_int(y);
  Cell out{9, 9, 0};
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++) {
      const uint32_t h = hash(ix + dx, iy + dy);
      const float px = static_cast<float>(ix + dx) + 0.5f + jitter * (values_[h] - 0.5f);
      const float py = static_cast<float>(iy + dy) + 0.5f + jitter * (values_[(h * 57 + 91) & 255] - 0.5f);
      const float d = (px - x) * (px - x) + (py - y) * (py - y);
      if (d < out.nearest) {
        out.second = out.nearest;
        out.nearest = d;
        out.id = h;
      } else {
        out.second = std::min(out.second, d);
      }
    }
  out.nearest = std::sqrt(out.nearest);
  out.second = std::sqrt(out.second);
  return out;
}

}  // namespace kizu::synthetic
