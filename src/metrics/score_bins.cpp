#include "metrics/score_bins.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "metrics/regions.h"

namespace kizu::metrics {
namespace {

constexpr double kLimit = 16;    // of the log odds; beyond it a float has no resolution left near 1
constexpr double kLowest = -88;  // near 0 it has: a confident localizer still ranks what it thinks good

}  // namespace

int ScoreBins::bin_of(float score) {
  const double p = score;
  if (!(p > 0)) return 0;
  if (p >= 1) return kBins - 1;
  const double odds = std::log(p) - std::log1p(-p);
  if (odds < -kLimit)
    return std::clamp(static_cast<int>((odds - kLowest) / (-kLimit - kLowest) * kCoarse), 0, kCoarse - 1);
  return std::min(kCoarse + static_cast<int>((odds + kLimit) / (2 * kLimit) * kFine), kBins - 1);
}

ScoreBins count_scores(const ScoredImage& image) {
  const std::size_t pixels = static_cast<std::size_t>(image.width) * image.height;
  if (image.scores.size() != pixels || image.mask.size() != pixels || !image.pro_mask.empty())
    throw Error("a score map and its truth differ in size");
  const auto found = find_regions(image.width, image.height, image.mask);
  ScoreBins out;
  out.regions = static_cast<int32_t>(found.count);
  std::vector<double> share(found.count + 1, 0);
  for (const auto& run : found.runs) share[run.region] += static_cast<double>(run.end - run.begin);
  for (auto& each : share) each = each > 0 ? 1 / each : 0;
  std::vector<int32_t> positives(ScoreBins::kBins), negatives(ScoreBins::kBins);
  std::vector<double> overlap(ScoreBins::kBins);
  const auto count = [&](std::size_t begin, std::size_t end, uint32_t region) {
    for (std::size_t i = begin; i < end; i++) {
      if (std::isnan(image.scores[i]))
        throw Error("a pixel score is not a number: was the model trained to the end?");
      const int bin = ScoreBins::bin_of(image.scores[i]);
      (region ? positives : negatives)[bin]++;
      if (region) overlap[bin] += share[region];
    }
  };
  std::size_t end = 0;
  for (const auto& run : found.runs) {
    count(end, run.begin, 0);
    count(run.begin, run.end, run.region);
    end = run.end;
  }
  count(end, pixels, 0);
  for (int bin = 0; bin < ScoreBins::kBins; bin++) {
    if (positives[bin] + negatives[bin] == 0) continue;
    out.bins.push_back(bin);
    out.positives.push_back(positives[bin]);
    out.negatives.push_back(negatives[bin]);
    out.overlap.push_back(overlap[bin]);
  }
  return out;
}

void ScoreBinsSum::add(const ScoreBins& photo, double weight) {
  if (weight == 0) return;
  for (std::size_t i = 0; i < photo.bins.size(); i++) {
    auto& cell = cells_[photo.bins[i]];
    cell.positives += weight * photo.positives[i];
    cell.negatives += weight * photo.negatives[i];
    cell.overlap += weight * photo.overlap[i];
  }
  regions_ += weight * photo.regions;
}

void ScoreBinsSum::add(const ScoreBinsSum& other) {
  for (std::size_t i = 0; i < cells_.size(); i++) {
    cells_[i].positives += other.cells_[i].positives;
    cells_[i].negatives += other.cells_[i].negatives;
    cells_[i].overlap += other.cells_[i].overlap;
  }
  regions_ += other.regions_;
}

PixelSummary ScoreBinsSum::finish(double fpr_limit) const {
  double positives = 0, negatives = 0;
  for (const auto& cell : cells_) positives += cell.positives, negatives += cell.negatives;
  if (positives == 0) return {};
  double found = 0, alarms = 0, area = 0, precision = 0, best_f1 = 0, pro = 0, pro_area = 0;
  const double limit = fpr_limit * negatives;
  for (auto cell = cells_.rbegin(); cell != cells_.rend(); ++cell) {
    if (cell->positives == 0 && cell->negatives == 0) continue;
    area += cell->negatives * (found + 0.5 * cell->positives);
    if (cell->negatives > 0 && alarms < limit) {
      // PRO rises in a straight line over the false alarms of the bin, cut at the limit.
      const double width = std::min(cell->negatives, limit - alarms);
      pro_area += width * (pro + 0.5 * cell->overlap * width / cell->negatives);
    }
    found += cell->positives;
    alarms += cell->negatives;
    pro += cell->overlap;
    precision += cell->positives * found / (found + alarms);
    best_f1 = std::max(best_f1, 2 * found / (positives + found + alarms));
  }
  PixelSummary out;
  out.ap = precision / positives;
  out.f1_max = best_f1;
  if (negatives == 0) return out;
  out.auroc = area / (positives * negatives);
  out.au_pro = pro_area / (limit * regions_);
  return out;
}

}  // namespace kizu::metrics
