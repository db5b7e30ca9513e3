#pragma once
#include "inspection/samples.h"
#include "tensor/noise.h"

namespace kizu::inspection {

/// For tests: a grey, uneven surface; on the flawed ones a dark square of 9 to 14 px.
inline Example toy_example(uint64_t seed, bool flawed, int64_t side = 64) {
  NoiseStream random(seed);
  auto image = torch::full({3, side, side}, 0.6) + 0.05 * random.normal({1, side, side});
  auto mask = torch::zeros({1, side, side});
  if (flawed) {
    const int64_t size = 9 + random.below(6), y = random.below(side - size), x = random.below(side - size);
    mask.slice(1, y, y + size).slice(2, x, x + size).fill_(1);
    image = image - 0.25 * mask;
  }
  return make_example(image.clamp(0, 1), mask, 256);
}

inline TrainingSet toy_set(int64_t each) {
  TrainingSet set;
  for (int64_t i = 0; i < each; i++) {
    set.good.push_back(toy_example(mix(1, "good", i), false));
    set.pairs.push_back(toy_example(mix(1, "pair", i), true));
    set.shots.push_back(toy_example(mix(1, "shot", i), true));
  }
  return set;
}

}  // namespace kizu::inspection
