#include "synthetic/sensor.h"

#include <algorithm>

namespace kizu::synthetic {
namespace {

// Exposure is chosen by the mean of the result, as a photographer would, over a wide range: real inspection
// photos are often dark and of low contrast.
void expose(Picture& picture, NoiseStream& s) {
  double sum = 0;
  for (std::size_t i = 0; i < picture.pixels(); i++) sum += luma(picture.get(i));
  const auto mean = static_cast<float>(std::max(sum / static_cast<double>(picture.pixels()), 0.02));
  const float keep = uniform(s, 0.3, 1);  // how much of the material's own lightness survives
  const float target = std::pow(mean, keep) * std::pow(uniform(s, 0.15, 0.7), 1 - keep);
  const float gamma = log_uniform(s, 0.8, 1.25), contrast = log_uniform(s, 0.6, 1.3);
  const float black = s.chance(0.2) ? uniform(s, 0, 0.1) : 0.0f;
  for (std::size_t i = 0; i < picture.pixels(); i++) {
    Colour c = picture.get(i) * (target / mean);
    for (float* k : {&c.r, &c.g, &c.b}) {
      *k = target + contrast * (*k - target);
      *k = black + (1 - black) * std::pow(std::max(*k, 0.0f), gamma);
      if (*k > 0.85f) *k = 0.85f + 0.15f * (1 - std::exp((0.85f - *k) / 0.15f));  // soft shoulder
    }
    picture.set(i, c);
  }
}

void add_noise(Picture& picture, NoiseStream& s, bool grey) {
  GrainStream grain(s.bits());
  const float sigma = (s.chance(0.15) ? 0.0f : log_uniform(s, 0.4, 6)) / 255;
  const float coloured = grey ? 0.0f : uniform(s, 0, 0.7), shot = uniform(s, 0, 1);
  const float soft = s.chance(0.4) ? uniform(s, 0.4, 0.9) : 0.0f;
  if (sigma == 0) return;
  const int width = picture.width(), height = picture.height();
  Plane common(width, height);
  for (float& v : common.v) v = grain.normal();
  blur(common, soft);
  const float gain = soft > 0 ? 1.8f : 1.0f;
  for (std::size_t i = 0; i < picture.pixels(); i++) {
    Colour c = picture.get(i);
    const float level = sigma * (1 - shot + shot * 1.5f * std::sqrt(std::max(luma(c), 0.0f)));
    const float n = level * gain * common.v[i];
    if (coloured > 0) c = c + Colour{grain.normal(), grain.normal(), grain.normal()} * (coloured * level);
    picture.set(i, c + Colour{n, n, n});
  }
}

}  // namespace

void quantize(Picture& picture) {
  for (Plane& plane : picture.c)
    for (float& v : plane.v) v = std::nearbyint(clamp01(v) * 255.0f) / 255.0f;
}

void compress_blocks(Plane& plane, int quality) {
  static constexpr int kTable[64] = {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                     14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                     18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                     49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
  float basis[8][8];
  for (int k = 0; k < 8; k++)
    for (int x = 0; x < 8; x++)
      basis[k][x] = (k == 0 ? std::sqrt(0.125f) : 0.5f) * std::cos(0.39269908f * k * (x + 0.5f));
  const float scale = (quality < 50 ? 5000.0f / quality : 200.0f - 2 * quality) / 100;
  float block[8][8], half[8][8];
  for (int by = 0; by + 8 <= plane.height; by += 8)
    for (int bx = 0; bx + 8 <= plane.width; bx += 8) {
      for (int y = 0; y < 8; y++)
        for (int k = 0; k < 8; k++) {
          half[y][k] = 0;
          for (int x = 0; x < 8; x++) half[y][k] += basis[k][x] * plane.at(bx + x, by + y);
        }
      for (int j = 0; j < 8; j++)
        for (int k = 0; k < 8; k++) {
          float sum = 0;
          for (int y = 0; y < 8; y++) sum += basis[j][y] * half[y][k];
          const float step = std::max(1.0f, scale * kTable[8 * j + k]) / 255;
          block[j][k] = std::nearbyint(sum / step) * step;
        }
      for (int y = 0; y < 8; y++)
        for (int k = 0; k < 8; k++) {
          half[y][k] = 0;
          for (int j = 0; j < 8; j++) half[y][k] += basis[j][y] * block[j][k];
        }
      for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++) {
          float sum = 0;
          for (int k = 0; k < 8; k++) sum += basis[k][x] * half[y][k];
          plane.at(bx + x, by + y) = sum;
        }
    }
}

void take_photo(Picture& picture, NoiseStream& s, bool grey) {
  const double softness = s.uniform();
  const float sigma = softness < 0.35 ? 0.0f : softness < 0.8 ? uniform(s, 0.3, 1.0) : uniform(s, 1.0, 2.6);
  blur(picture, sigma);
  expose(picture, s);
  if (grey)
    for (std::size_t i = 0; i < picture.pixels(); i++) {
      const float l = luma(picture.get(i));
      picture.set(i, {l, l, l});
    }
  add_noise(picture, s, grey);
  if (s.chance(0.25)) {
    const int quality = static_cast<int>(45 + s.below(50));
    if (grey) {
      compress_blocks(picture.c[0], quality);
      picture.c[2] = picture.c[1] = picture.c[0];
    } else {
      for (Plane& plane : picture.c) compress_blocks(plane, quality);
    }
  }
  quantize(picture);
}

}  // namespace kizu::synthetic
