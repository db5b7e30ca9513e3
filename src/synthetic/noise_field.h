#pragma once
#include <array>
#include <cstdint>

namespace kizu::synthetic {

/// Random functions of the plane, fixed by a seed. Coordinates are in lattice cells; the pattern repeats
/// every 256 cells.
class NoiseField {
 public:
  explicit NoiseField(uint64_t seed);

  /// Smooth noise with a random value at each lattice point, in [-1, 1].
  float value(float x, float y) const;
  /// Perlin's gradient noise, about [-1, 1], 0 at lattice points.
  float gradient(float x, float y) const;
  /// Sum of octaves of gradient noise, each twice as fine and `gain` times as strong; about [-1, 1].
  float fractal(float x, float y, int octaves, float gain = 0.5f) const;
  /// A random number in [0, 1) for one lattice point.
  float at(int ix, int iy) const;

  /// Worley's cells: distances to the nearest and second nearest of one jittered point per lattice cell.
  struct Cell {
    float nearest, second;
    uint32_t id;  // 0..255, the same all over one cell
  };
  Cell cell(float x, float y, float jitter = 1.0f) const;

 private:
  uint32_t hash(int ix, int iy) const { return perm_[(perm_[ix & 255] + iy) & 255]; }
  std::array<uint8_t, 256> perm_;
  std::array<float, 256> values_;
  std::array<float, 256> gx_, gy_;
};

}  // namespace kizu::synthetic
