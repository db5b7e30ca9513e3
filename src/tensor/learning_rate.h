#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace kizu {

/// Share of the full learning rate at `step` of `total`: linear warm-up, a constant stretch, then half a
/// cosine to 0.
inline double warm_constant_cosine(int64_t step, int64_t total, int64_t warm_up, double constant_share) {
  const double warm =
      std::min(1.0, (static_cast<double>(step) + 1) / static_cast<double>(std::max<int64_t>(1, warm_up)));
  const double start = constant_share * static_cast<double>(total);
  const double s = static_cast<double>(step);
  if (s <= start) return warm;
  const double done = (s - start) / std::max(1.0, static_cast<double>(total) - start);
  return warm * 0.5 * (1 + std::cos(3.14159265358979323846 * std::min(1.0, done)));
}

}  // namespace kizu
