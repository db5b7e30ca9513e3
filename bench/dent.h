#pragma once
#include "anomaly/concept_generation.h"
#include "tensor/noise.h"

namespace kizu::bench {

/// A dent to be painted onto 256 x 256 pixels of grey grain.
inline anomaly::PaintRequest dent(uint64_t seed) {
  anomaly::PaintRequest one{"dent", Image::blank(256, 256, 3), Image::blank(256, 256, 1), seed};
  NoiseStream grain(3);
  for (auto& value : one.good.values) value = static_cast<std::uint16_t>(90 + grain.below(60));
  for (int y = 90; y < 150; ++y)
    for (int x = 80; x < 180; ++x) one.mask.at(x, y) = 255;
  return one;
}

}  // namespace kizu::bench
