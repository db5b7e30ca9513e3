#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metrics/ranking.h"

namespace kizu::metrics {

/// Where a photo belongs when photos are drawn again.
struct Drawn {
  std::string stratum;  // each stratum keeps its number of pieces: the defect type, or good
  std::string piece;    // photos of one piece are drawn together, for they are no independent evidence
};

/// Bootstrap over test photos (Efron 1979), stratified, by whole pieces. `weights[i]` is how often photo i is
/// drawn. The same (photos, seed, replicate) gives the same weights: what is compared is drawn alike.
class Bootstrap {
 public:
  Bootstrap(const std::vector<Drawn>& photos, uint64_t seed);
  std::vector<double> weights(uint64_t replicate) const;
  /// `count` indices below `count`, drawn with replacement: the seeds of a replicate.
  std::vector<std::size_t> draw(std::size_t count, uint64_t replicate) const;
  /// Pieces of a stratum.
  std::size_t pieces(const std::string& stratum) const;

 private:
  struct Stratum {
    std::string name;
    std::vector<std::vector<std::size_t>> pieces;  // photos of each
  };
  std::size_t photos_;
  uint64_t seed_;
  std::vector<Stratum> strata_;
};

/// The middle `share` of the values (percentile interval, linear between order statistics). NaN values are
/// left out; empty without any other.
struct Interval {
  double low = 0, high = 0;
};
std::optional<Interval> percentile_interval(std::vector<double> values, double share = 0.95);

/// Mean and standard deviation (of a sample: n - 1; empty for one value).
struct MeanAndDeviation {
  double mean = 0;
  std::optional<double> deviation;
};
std::optional<MeanAndDeviation> mean_and_deviation(const std::vector<double>& values);

/// Ranks photos once, then measures any weighting of them in one walk.
class WeightedRanking {
 public:
  /// Throws Error when a score is not a number.
  explicit WeightedRanking(std::vector<Scored> photos);
  /// AUROC, AP and F1-max; empty where undefined. `weights` in the order of the photos.
  struct Summary {
    std::optional<double> auroc, ap, f1_max;
  };
  Summary measure(const std::vector<double>& weights) const;

 private:
  std::vector<Scored> photos_;
  std::vector<std::size_t> order_;  // falling score
};

}  // namespace kizu::metrics
