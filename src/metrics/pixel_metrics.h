#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/entries.h"
#include "metrics/ranking.h"

namespace kizu::metrics {

/// The score of every pixel of one photo and the truth. Photos of one evaluation may differ in size.
struct ScoredImage {
  int width = 0;
  int height = 0;
  std::vector<float> scores;      // [height * width], higher is more anomalous
  std::vector<uint8_t> mask;      // [height * width], non-zero is defect: for AUROC, AP and F1
  std::vector<uint8_t> pro_mask;  // the truth for PRO where it differs from `mask`; empty: the same
};

/// How the per-region overlap (PRO) is integrated.
struct ProOptions {
  double fpr_limit = 0.3;
  /// 0: exact, one threshold for each distinct score. N: the reference's way, N thresholds at equal ranks of
  /// the normal scores, the false positive rate taken from the rank even where scores are tied
  /// (method.md, 7.2).
  int thresholds = 0;
};

/// All pixel metrics of a set of photos, pooled over all pixels. What is undefined is empty.
struct PixelMetrics {
  RankingMetrics ranking;
  std::optional<double> au_pro;  // area under PRO over FPR in [0, limit], divided by the limit
  std::vector<Point> pro;   // x: false positive rate, y: PRO. Exact: thinned to at most 200 points up to the
                            // limit. Reference: its `thresholds` + 1 points up to FPR 1.
  double f1_max_sweep = 0;  // the reference's F1 over the thresholds 0, 0.05, ..., 1 (score > threshold)
  uint32_t regions = 0;     // 8-connected regions of the truth
  uint64_t pixels = 0;
};

/// Collects photos (4 bytes for a normal pixel, 8 for one of a defect; twice that while sorting), then sorts
/// the scores once and reads every metric off one walk down the order. Time is linear in pixels; the result
/// is the same, byte for byte, on any number of threads.
class PixelEvaluation {
 public:
  /// `threads` = 0 takes one per core.
  explicit PixelEvaluation(int threads = 0) : threads_(threads) {}
  /// Several photos at once keep all threads busy. Throws Error on sizes that do not match or a score that is
  /// not a number; then nothing has been added.
  void add(const std::vector<const ScoredImage*>& images);
  void add(const ScoredImage& image) { add(std::vector{&image}); }
  /// May be called again with other options; the sort is done once.
  PixelMetrics finish(const ProOptions& options = {});

 private:
  void sort();

  int threads_;
  std::vector<Entries<uint32_t>> new_normals_;  // not sorted yet; what they hold: scored_pixels.h
  std::vector<std::vector<uint64_t>> new_defects_;
  Entries<uint32_t> normals_;  // sorted
  Entries<uint64_t> defects_;
  std::vector<uint64_t> region_sizes_{0};  // [0] is unused
};

PixelMetrics evaluate_pixels(const std::vector<ScoredImage>& images, const ProOptions& options = {},
                             int threads = 0);

}  // namespace kizu::metrics
