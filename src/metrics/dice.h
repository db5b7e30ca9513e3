#pragma once
#include <cstdint>

namespace kizu::metrics {

/// For tests: numbers in [0, 1) that are the same everywhere (Knuth's linear congruential generator).
struct Dice {
  std::uint64_t state;
  double next() {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state >> 40) / 16777216.0;
  }
};

}  // namespace kizu::metrics
