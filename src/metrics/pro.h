#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/pixel_metrics.h"

namespace kizu::metrics {

/// Builds the PRO curve while walking down the distinct scores. PRO at a threshold is the share of each
/// region's pixels that is found, averaged over regions; FPR is the share of normal pixels that is found.
class ProWalk {
 public:
  ProWalk(uint64_t normals, uint32_t regions, const ProOptions& options);
  /// The pixels that share one score: `normals` outside all regions, and the sum of 1 / (regions * size) over
  /// the others. Called in falling order of score.
  void add(uint64_t normals, double overlap);
  /// So many normal pixels may follow, with no other among them, before a point of the curve can be due; they
  /// may then be added at once. Never too many, at times a few too few.
  uint64_t quiet() const;
  /// Area to the limit divided by the limit; empty when there is no region or no normal pixel.
  std::optional<double> area() const;
  std::vector<Point> curve() const;

 private:
  double step() const { return (options_.fpr_limit + 1) / 195; }  // of the thinned curve
  void add_exact(uint64_t normals, double overlap);
  void add_at_ranks(uint64_t normals);

  uint64_t all_normals_;
  uint32_t regions_;
  ProOptions options_;
  uint64_t found_normals_ = 0;
  double pro_ = 0, area_ = 0;
  Point last_;                   // exact: end of the last segment
  std::vector<Point> points_;    // exact: thinned; at ranks: all
  std::vector<uint64_t> ranks_;  // at ranks: wanted positions among the normal scores, highest first
  std::size_t next_rank_ = 0;
};

}  // namespace kizu::metrics
