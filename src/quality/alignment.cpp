#include "quality/alignment.h"

#include <cmath>

#include "core/error.h"
#include "metrics/pixel_metrics.h"

namespace kizu::quality {

Alignment alignment_of(const Image& good, const Image& made, const Mask& mask) {
  if (good.width != made.width || good.height != made.height || good.channels != made.channels ||
      good.depth != made.depth || mask.width != good.width || mask.height != good.height)
    throw Error("a pair and the photo that it was made from differ in size; make the pairs again");
  metrics::ScoredImage pixels{mask.width, mask.height, {}, mask.values, {}};
  const double unit = 255.0 / good.max_value() / good.channels;
  double sums[2] = {0, 0}, seen[2] = {0, 0}, count[2] = {0, 0};  // outside, inside
  for (std::size_t i = 0; i < mask.values.size(); i++) {
    double change = 0;
    for (int c = 0; c < good.channels; c++) {
      const std::size_t at = i * good.channels + c;
      change += std::abs(static_cast<int>(made.values[at]) - good.values[at]) * unit;
    }
    pixels.scores.push_back(static_cast<float>(change));
    const int side = mask.values[i] != 0;
    sums[side] += change;
    seen[side] += change >= kVisible;
    count[side]++;
  }
  const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  return {metrics::evaluate_pixels({pixels}).ranking.auroc, share(sums[1], count[1]),
          share(sums[0], count[0]), share(seen[1], count[1]), share(seen[0], count[0])};
}

}  // namespace kizu::quality
