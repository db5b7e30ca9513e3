#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/pixel_metrics.h"

namespace kizu::metrics {

/// What one photo adds to the pixel metrics, counted by score, so that the metrics of any weighted set of
/// photos come from a weighted sum: a bootstrap replicate costs no sort.
///
/// A score in [0, 1] falls into one of kBins bins of its log odds: of equal width from -16 to 16, eight times
/// as wide below that, down to the smallest float. Scores in one bin count as tied. Thus AUROC is wrong by at
/// most half the share of (positive, negative) pairs that share a bin, and a score moves by less than 0.8 %
/// of its odds (6.5 % where it is below 1e-7).
struct ScoreBins {
  static constexpr int kFine = 4096, kCoarse = 1152;  // above and below -16
  static constexpr int kBins = kFine + kCoarse;
  /// The bin of a score; 0 holds the lowest.
  static int bin_of(float score);

  // Only bins that hold a pixel, in rising order.
  std::vector<int32_t> bins;
  std::vector<int32_t> positives, negatives;  // pixels of the truth, and the others
  std::vector<double> overlap;  // sum over the photo's regions of the share that lies in the bin
  int32_t regions = 0;
};

/// `image.pro_mask` must be empty. Throws Error on sizes that do not match or a score that is not a number.
ScoreBins count_scores(const ScoredImage& image);

/// The pixel metrics that are reported, empty where undefined (ranking.h, pixel_metrics.h).
struct PixelSummary {
  std::optional<double> auroc, ap, f1_max, au_pro;
};

/// A weighted sum over photos.
class ScoreBinsSum {
 public:
  ScoreBinsSum() : cells_(ScoreBins::kBins) {}
  void add(const ScoreBins& photo, double weight);
  void add(const ScoreBinsSum& other);
  /// One walk down the bins. PRO is integrated to `fpr_limit` and divided by it.
  PixelSummary finish(double fpr_limit = 0.3) const;

 private:
  struct Cell {
    double positives = 0, negatives = 0, overlap = 0;
  };
  std::vector<Cell> cells_;
  double regions_ = 0;
};

}  // namespace kizu::metrics
