#include "metrics/comparison.h"

#include <algorithm>

namespace kizu::metrics {
namespace {

/// Value and replicates of `arm` minus those of `against`.
std::vector<Sampled> minus(const std::vector<Sampled>& arm, const std::vector<Sampled>& against) {
  std::vector<Sampled> out;
  for (std::size_t seed = 0; seed < std::min(arm.size(), against.size()); seed++) {
    out.push_back({arm[seed].value - against[seed].value, {}});
    const auto &a = arm[seed].replicates, &b = against[seed].replicates;
    for (std::size_t r = 0; r < std::min(a.size(), b.size()); r++)
      out.back().replicates.push_back(a[r] - b[r]);
  }
  return out;
}

}  // namespace

Estimated estimate(const std::vector<Sampled>& seeds, const std::vector<std::vector<std::size_t>>& draws) {
  Estimated out;
  std::vector<double> values, means;
  for (const auto& seed : seeds) {
    values.push_back(seed.value);
    out.up += seed.value > 0;
    out.down += seed.value < 0;
  }
  const auto over_seeds = mean_and_deviation(values);
  if (!over_seeds) return out;
  out.mean = over_seeds->mean;
  out.deviation = over_seeds->deviation;
  for (std::size_t r = 0; r < draws.size(); r++) {
    double sum = 0;
    for (const auto seed : draws[r]) sum += seeds[seed].replicates[r];
    means.push_back(sum / static_cast<double>(draws[r].size()));
  }
  out.interval = percentile_interval(means);
  return out;
}

Estimated difference(const std::vector<Sampled>& arm, const std::vector<Sampled>& against,
                     const std::vector<std::vector<std::size_t>>& draws) {
  return estimate(minus(arm, against), draws);
}

std::vector<Sampled> average(const std::vector<std::vector<Sampled>>& sets) {
  std::vector<Sampled> out;
  if (sets.empty()) return out;
  const auto n = static_cast<double>(sets.size());
  for (std::size_t seed = 0; seed < sets[0].size(); seed++) {
    Sampled mean{0, std::vector<double>(sets[0][seed].replicates.size(), 0)};
    for (const auto& set : sets) {
      mean.value += set[seed].value / n;
      for (std::size_t r = 0; r < mean.replicates.size(); r++)
        mean.replicates[r] += set[seed].replicates[r] / n;
    }
    out.push_back(std::move(mean));
  }
  return out;
}

Effect effect_of(const Estimated& difference) {
  if (difference.interval && difference.interval->low > 0) return Effect::kHelped;
  if (difference.interval && difference.interval->high < 0) return Effect::kHurt;
  return Effect::kNoDifference;
}

}  // namespace kizu::metrics
