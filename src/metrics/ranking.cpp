#include "metrics/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace kizu::metrics {
namespace {

// Both curves are 2 long at most in |dx| + |dy| (recall alone for precision-recall): 195 steps and the two
// ends.
constexpr double kRocStep = 2.0 / 195, kRecallStep = 1.0 / 195;

}  // namespace

void append_thinned(std::vector<Point>& curve, Point point, double step) {
  if (curve.empty() || std::abs(point.x - curve.back().x) + std::abs(point.y - curve.back().y) >= step) {
    curve.push_back(point);
  }
}

uint64_t quiet_after(const std::vector<Point>& curve, double y, double step, double total, double passed) {
  const double reach = curve.back().x + step - std::abs(y - curve.back().y);
  const double more = reach * total - passed - 2;  // 2: more than all rounding
  return more > 0 ? static_cast<uint64_t>(more) : 0;
}

RankingWalk::RankingWalk(uint64_t positives, uint64_t negatives)
    : all_positives_(static_cast<double>(positives)), all_negatives_(static_cast<double>(negatives)) {
  roc_.push_back({0, 0});
}

void RankingWalk::add(double score, uint64_t positives, uint64_t negatives) {
  const auto p = static_cast<double>(positives), n = static_cast<double>(negatives);
  area_ += n * (found_ + 0.5 * p);
  found_ += p;
  false_alarms_ += n;
  average_precision_ += p * found_ / (found_ + false_alarms_);
  const double f1 = 2 * found_ / (all_positives_ + found_ + false_alarms_);
  if (f1 > best_f1_) {
    best_f1_ = f1;
    best_threshold_ = score;
  }
  draw_curves();
}

uint64_t RankingWalk::quiet() const {
  if (all_positives_ == 0 || all_negatives_ == 0) return std::numeric_limits<uint64_t>::max();
  return quiet_after(roc_, found_ / all_positives_, kRocStep, all_negatives_, false_alarms_);
}

void RankingWalk::draw_curves() {
  if (all_positives_ == 0) return;
  const double recall = found_ / all_positives_;
  if (all_negatives_ > 0) append_thinned(roc_, {false_alarms_ / all_negatives_, recall}, kRocStep);
  const Point point{recall, found_ / (found_ + false_alarms_)};
  if (precision_recall_.empty() || point.x - precision_recall_.back().x >= kRecallStep) {
    precision_recall_.push_back(point);
  }
}

RankingMetrics RankingWalk::finish() const {
  RankingMetrics result;
  if (all_positives_ == 0) return result;
  result.ap = average_precision_ / all_positives_;
  result.f1_max = best_f1_;
  result.f1_threshold = best_threshold_;
  result.precision_recall = precision_recall_;
  result.precision_recall.push_back({1, all_positives_ / (all_positives_ + all_negatives_)});
  if (all_negatives_ == 0) return result;
  result.auroc = area_ / (all_positives_ * all_negatives_);
  result.roc = roc_;
  result.roc.push_back({1, 1});
  return result;
}

RankingMetrics rank(std::vector<Scored> list) {
  uint64_t positives = 0;
  for (const auto& item : list) {
    if (std::isnan(item.score)) throw Error("a score is not a number: was the model trained to the end?");
    positives += item.positive;
  }
  std::sort(list.begin(), list.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  RankingWalk walk(positives, list.size() - positives);
  for (std::size_t i = 0; i < list.size();) {
    uint64_t p = 0, n = 0;
    const double score = list[i].score;
    for (; i < list.size() && list[i].score == score; i++) (list[i].positive ? p : n)++;
    walk.add(score, p, n);
  }
  return walk.finish();
}

}  // namespace kizu::metrics
