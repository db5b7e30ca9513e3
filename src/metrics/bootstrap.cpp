#include "metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.h"

namespace kizu::metrics {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  Random(uint64_t seed, uint64_t replicate) : state_(seed * 0xD1342543DE82EF95ull + replicate) {
    next(), next();
  }
  std::size_t below(std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(static_cast<double>(next() >> 11) * 0x1p-53 *
                                                    static_cast<double>(n)));
  }

 private:
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

}  // namespace

Bootstrap::Bootstrap(const std::vector<Drawn>& photos, uint64_t seed) : photos_(photos.size()), seed_(seed) {
  std::map<std::string, std::map<std::string, std::vector<std::size_t>>> sorted;
  for (std::size_t i = 0; i < photos.size(); i++) sorted[photos[i].stratum][photos[i].piece].push_back(i);
  for (auto& [name, pieces] : sorted) {
    strata_.push_back({name, {}});
    for (auto& [piece, members] : pieces) strata_.back().pieces.push_back(std::move(members));
  }
}

std::vector<double> Bootstrap::weights(uint64_t replicate) const {
  std::vector<double> weights(photos_, 0);
  Random random(seed_, 2 * replicate);
  for (const auto& stratum : strata_) {
    for (std::size_t i = 0; i < stratum.pieces.size(); i++) {
      for (const auto photo : stratum.pieces[random.below(stratum.pieces.size())]) weights[photo]++;
    }
  }
  return weights;
}

std::vector<std::size_t> Bootstrap::draw(std::size_t count, uint64_t replicate) const {
  Random random(seed_, 2 * replicate + 1);
  std::vector<std::size_t> drawn(count);
  for (auto& each : drawn) each = random.below(count);
  return drawn;
}

std::size_t Bootstrap::pieces(const std::string& stratum) const {
  for (const auto& each : strata_) {
    if (each.name == stratum) return each.pieces.size();
  }
  return 0;
}

std::optional<Interval> percentile_interval(std::vector<double> values, double share) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto at = [&](double rank) {
    const auto below = static_cast<std::size_t>(rank);
    const auto above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (rank - static_cast<double>(below));
  };
  const double last = static_cast<double>(values.size() - 1), tail = (1 - share) / 2;
  return Interval{at(tail * last), at((1 - tail) * last)};
}

std::optional<MeanAndDeviation> mean_and_deviation(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  MeanAndDeviation out{std::accumulate(values.begin(), values.end(), 0.0) / n, std::nullopt};
  if (values.size() < 2) return out;
  double squares = 0;
  for (const double value : values) squares += (value - out.mean) * (value - out.mean);
  out.deviation = std::sqrt(squares / (n - 1));
  return out;
}

WeightedRanking::WeightedRanking(std::vector<Scored> photos)
    : photos_(std::move(photos)), order_(photos_.size()) {
  for (const auto& photo : photos_) {
    if (std::isnan(photo.score)) throw Error("a score is not a number: was the model trained to the end?");
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return photos_[a].score > photos_[b].score; });
}

WeightedRanking::Summary WeightedRanking::measure(const std::vector<double>& weights) const {
  double all_positives = 0, all_negatives = 0;
  for (std::size_t i = 0; i < photos_.size(); i++)
    (photos_[i].positive ? all_positives : all_negatives) += weights[i];
  if (all_positives == 0) return {};
  double found = 0, alarms = 0, area = 0, precision = 0, best_f1 = 0;
  for (std::size_t i = 0; i < order_.size();) {
    double positives = 0, negatives = 0;
    const double score = photos_[order_[i]].score;
    for (; i < order_.size() && photos_[order_[i]].score == score; i++)
      (photos_[order_[i]].positive ? positives : negatives) += weights[order_[i]];
    if (positives + negatives == 0) continue;
    area += negatives * (found + 0.5 * positives);
    found += positives;
    alarms += negatives;
    precision += positives * found / (found + alarms);
    best_f1 = std::max(best_f1, 2 * found / (all_positives + found + alarms));
  }
  Summary out;
  out.ap = precision / all_positives;
  out.f1_max = best_f1;
  if (all_negatives > 0) out.auroc = area / (all_positives * all_negatives);
  return out;
}

}  // namespace kizu::metrics
