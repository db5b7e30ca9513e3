#pragma once
#include <torch/torch.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tensor/noise.h"

namespace kizu::synthetic {

inline constexpr float kTurn = 6.2831853f;  // 2 pi

/// One float per pixel, rows top to bottom. The drawing loops run on these; tensors are made at the end.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> v;

  Plane() = default;
  Plane(int width, int height, float fill = 0.0f)
      : width(width), height(height), v(static_cast<std::size_t>(width) * height, fill) {}
  std::size_t index(int x, int y) const { return static_cast<std::size_t>(y) * width + x; }
  float& at(int x, int y) { return v[index(x, y)]; }
  float at(int x, int y) const { return v[index(x, y)]; }
  /// The pixel at (x, y) with both coordinates clamped into the plane.
  float clamped(int x, int y) const {
    return at(x < 0 ? 0 : x >= width ? width - 1 : x, y < 0 ? 0 : y >= height ? height - 1 : y);
  }
};

/// A colour in linear 0..1 units; values may leave the range until the picture is finished.
struct Colour {
  float r = 0, g = 0, b = 0;
};
inline Colour operator+(Colour a, Colour b) {
  return {a.r + b.r, a.g + b.g, a.b + b.b};
}
inline Colour operator*(Colour a, float k) {
  return {a.r * k, a.g * k, a.b * k};
}
inline Colour mix_colours(Colour a, Colour b, float t) {
  return a * (1 - t) + b * t;
}
inline float luma(Colour c) {
  return 0.299f * c.r + 0.587f * c.g + 0.114f * c.b;
}

/// Red, green and blue planes of one size.
struct Picture {
  std::array<Plane, 3> c;

  Picture() = default;
  Picture(int width, int height, Colour fill = {})
      : c{Plane(width, height, fill.r), Plane(width, height, fill.g), Plane(width, height, fill.b)} {}
  int width() const { return c[0].width; }
  int height() const { return c[0].height; }
  std::size_t pixels() const { return c[0].v.size(); }
  Colour get(std::size_t i) const { return {c[0].v[i], c[1].v[i], c[2].v[i]}; }
  void set(std::size_t i, Colour k) { c[0].v[i] = k.r, c[1].v[i] = k.g, c[2].v[i] = k.b; }
};

inline float clamp01(float t) {
  return t < 0 ? 0.0f : t > 1 ? 1.0f : t;
}
/// 0 below a, 1 above b, smooth between (b may be below a).
inline float smooth_step(float a, float b, float t) {
  const float s = clamp01((t - a) / (b - a));
  return s * s * (3 - 2 * s);
}

/// exp of a uniform number: every octave between low and high is as likely as the next.
inline float log_uniform(NoiseStream& s, double low, double high) {
  return static_cast<float>(std::exp(s.uniform(std::log(low), std::log(high))));
}
inline float uniform(NoiseStream& s, double low, double high) {
  return static_cast<float>(s.uniform(low, high));
}

/// Gaussian blur with clamped borders; sigma below 0.2 changes nothing.
void blur(Plane& plane, float sigma);
void blur(Picture& picture, float sigma);

/// [1, H, W] and [3, H, W] float32 copies.
torch::Tensor to_tensor(const Plane& plane);
torch::Tensor to_tensor(const Picture& picture);
/// From a [3, H, W] float32 tensor on any device.
Picture to_picture(const torch::Tensor& rgb);

/// Fast approximate normal numbers (sum of uniforms) for per-pixel noise, seeded from a stream.
class GrainStream {
 public:
  explicit GrainStream(uint64_t seed) : state_(seed | 1) {}
  /// Mean 0, standard deviation 1, bounded by 3.5.
  float normal() {
    state_ += 0x9E3779B97F4A7C15ull;
    uint64_t z = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9ull;
    z ^= z >> 27;
    z *= 0x94D049BB133111EBull;
    z ^= z >> 31;
    const auto sum =
        static_cast<float>((z & 0xFFFF) + ((z >> 16) & 0xFFFF) + ((z >> 32) & 0xFFFF) + (z >> 48));
    return (sum * (1.0f / 65536) - 2.0f) * 1.7320508f;
  }

 private:
  uint64_t state_;
};

}  // namespace kizu::synthetic
