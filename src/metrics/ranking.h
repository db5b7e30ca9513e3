#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace kizu::metrics {

/// A point of a curve, for plotting.
struct Point {
  double x = 0;
  double y = 0;
};

/// How well scores rank positives above negatives. A value that is not defined for the data is empty: AUROC
/// without both classes; AP and F1 without a positive.
struct RankingMetrics {
  std::optional<double> auroc;          // area under the ROC curve, ties count one half
  std::optional<double> ap;             // step-wise average precision: sum of (R_n - R_{n-1}) * P_n
  std::optional<double> f1_max;         // largest F1 over all thresholds
  std::optional<double> f1_threshold;   // where it is reached: positive means score >= f1_threshold
  std::vector<Point> roc;               // x: false positive rate, y: recall; at most 200 points
  std::vector<Point> precision_recall;  // x: recall, y: precision; at most 200 points
};

/// One thing that was scored: a photo, for instance.
struct Scored {
  double score = 0;
  bool positive = false;
};

/// The metrics of a list in any order. Throws Error when a score is not a number.
RankingMetrics rank(std::vector<Scored> list);

/// Walks down the distinct scores, highest first, and keeps what the metrics need: constant memory.
class RankingWalk {
 public:
  RankingWalk(uint64_t positives, uint64_t negatives);
  /// All things that share `score`; called once for each distinct score, in falling order.
  void add(double score, uint64_t positives, uint64_t negatives);
  /// So many negatives may follow, with no positive among them, before a point of a curve can be due; they
  /// may then be added at once under the first of their scores. Never too many, at times a few too few.
  uint64_t quiet() const;
  RankingMetrics finish() const;

 private:
  void draw_curves();

  double all_positives_, all_negatives_;
  double found_ = 0, false_alarms_ = 0;  // positives and negatives at or above the present score
  double area_ = 0, average_precision_ = 0, best_f1_ = 0, best_threshold_ = 0;
  std::vector<Point> roc_, precision_recall_;
};

/// Of `total` things that make up the width 1 of a curve, how many may follow the `passed` ones, at height
/// `y`, before the next point is kept; rather a few too few.
uint64_t quiet_after(const std::vector<Point>& curve, double y, double step, double total, double passed);
/// A thinned curve: a point is kept when it is at least `step` (in |dx| + |dy|) from the last kept one.
void append_thinned(std::vector<Point>& curve, Point point, double step);

}  // namespace kizu::metrics
