#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/bootstrap.h"

namespace kizu::metrics {

/// One metric of one trained model: on the test photos as they are, and on each of their bootstrap replicates
/// (NaN where it is undefined).
struct Sampled {
  double value = 0;
  std::vector<double> replicates;
};

/// A metric of models that were trained with several seeds.
struct Estimated {
  double mean = 0;
  std::optional<double> deviation;   // over seeds
  std::optional<Interval> interval;  // 95 %, over test photos and seeds
  int up = 0, down = 0;              // seeds above and below zero, for a difference
};

/// `seeds`: the model of each seed. In replicate r the seeds are drawn again too (`draws[r]`, one index per
/// seed), so the interval speaks for other photos and for other trainings.
Estimated estimate(const std::vector<Sampled>& seeds, const std::vector<std::vector<std::size_t>>& draws);

/// What `arm` has more than `against`, seed by seed and replicate by replicate (the same photos and seeds are
/// drawn for both), so what both find hard cancels. Of a model and itself exactly 0.
Estimated difference(const std::vector<Sampled>& arm, const std::vector<Sampled>& against,
                     const std::vector<std::vector<std::size_t>>& draws);

/// The plain average over several sets of photos (categories); they must agree in seeds and replicates.
std::vector<Sampled> average(const std::vector<std::vector<Sampled>>& sets);

enum class Effect { kHelped, kNoDifference, kHurt };
/// Helped or hurt when the interval lies on one side of 0.
Effect effect_of(const Estimated& difference);

}  // namespace kizu::metrics
