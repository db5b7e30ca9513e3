#include "metrics/pixel_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "core/error.h"
#include "metrics/pro.h"
#include "metrics/regions.h"

namespace kizu::metrics {
namespace {

constexpr uint32_t kSign = 0x80000000u;

// The order of the keys is the falling order of the scores; -0 and 0 are one score.
uint32_t key_of(float score) {
  score += 0.0f;
  uint32_t bits;
  std::memcpy(&bits, &score, sizeof bits);
  return bits & kSign ? bits : ~(bits | kSign);
}

float score_of(uint32_t key) {
  const uint32_t bits = key & kSign ? key : ~key & ~kSign;
  float score;
  std::memcpy(&score, &bits, sizeof score);
  return score;
}

// Radix sort by the upper 32 bits, 11 bits at a time.
void sort_by_key(std::vector<uint64_t>& entries) {
  constexpr int kBits = 11;
  constexpr uint64_t kDigits = 1u << kBits;
  std::vector<uint64_t> other(entries.size());
  for (int shift = 32; shift < 64; shift += kBits) {
    std::vector<std::size_t> start(kDigits + 1, 0);
    for (const auto entry : entries) start[(entry >> shift & (kDigits - 1)) + 1]++;
    for (uint64_t digit = 0; digit < kDigits; digit++) start[digit + 1] += start[digit];
    for (const auto entry : entries) other[start[entry >> shift & (kDigits - 1)]++] = entry;
    entries.swap(other);
  }
}

void check(const ScoredImage& image) {
  const std::size_t pixels = static_cast<std::size_t>(image.width) * image.height;
  const bool pro_fits = image.pro_mask.empty() || image.pro_mask.size() == pixels;
  if (image.scores.size() == pixels && image.mask.size() == pixels && pro_fits) return;
  throw Error("a score map of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
              " pixels has " + std::to_string(image.scores.size()) + " scores and " +
              std::to_string(image.mask.size()) + " mask pixels; all three must agree");
}

// The reference's F1 over 21 fixed thresholds, with its 1e-8 in every denominator; comparison in float32.
class SweepWalk {
 public:
  explicit SweepWalk(uint64_t positives) : positives_(static_cast<double>(positives)) {}

  // Everything added before scored strictly higher than `score`.
  void before(float score, double found, double false_alarms) {
    while (next_ >= 0 && score <= static_cast<float>(next_ * 0.05)) close(found, false_alarms);
  }
  double finish(double found, double false_alarms) {
    while (next_ >= 0) close(found, false_alarms);
    return best_;
  }

 private:
  void close(double found, double false_alarms) {
    const double precision = found / (found + false_alarms + 1e-8), recall = found / (positives_ + 1e-8);
    best_ = std::max(best_, 2 * precision * recall / (precision + recall + 1e-8));
    next_--;
  }
  double positives_, best_ = 0;
  int next_ = 20;
};

}  // namespace

void PixelEvaluation::add(const ScoredImage& image) {
  check(image);
  std::vector<uint32_t> labels;
  const uint32_t first = region_sizes_.empty() ? 0 : static_cast<uint32_t>(region_sizes_.size() - 1);
  const auto& truth = image.pro_mask.empty() ? image.mask : image.pro_mask;
  region_sizes_.resize(first + 1 + label_regions(image.width, image.height, truth, labels), 0);
  for (std::size_t i = 0; i < labels.size(); i++) {
    if (std::isnan(image.scores[i]))
      throw Error("a pixel score is not a number: was the model trained to the end?");
    const uint32_t region = labels[i] ? labels[i] + first : 0;
    const bool positive = image.mask[i] != 0;
    positives_ += positive;
    (region ? region_sizes_[region] : normals_)++;
    entries_.push_back(static_cast<uint64_t>(key_of(image.scores[i])) << 32 | region << 1 | positive);
  }
  sorted_ = false;
}

PixelMetrics PixelEvaluation::finish(const ProOptions& options) {
  if (!sorted_) sort_by_key(entries_);
  sorted_ = true;
  PixelMetrics result;
  result.pixels = entries_.size();
  result.regions = region_sizes_.empty() ? 0 : static_cast<uint32_t>(region_sizes_.size() - 1);
  std::vector<double> share(region_sizes_.size(), 0);  // what one pixel of a region adds to the PRO
  for (std::size_t i = 1; i < share.size(); i++) {
    share[i] = 1.0 / (static_cast<double>(result.regions) * static_cast<double>(region_sizes_[i]));
  }
  RankingWalk ranking(positives_, entries_.size() - positives_);
  ProWalk pro(normals_, result.regions, options);
  SweepWalk sweep(positives_);
  uint64_t found = 0, false_alarms = 0;
  for (std::size_t i = 0; i < entries_.size();) {
    const uint64_t key = entries_[i] >> 32;
    uint64_t positives = 0, negatives = 0, normals = 0;
    double overlap = 0;
    for (; i < entries_.size() && entries_[i] >> 32 == key; i++) {
      const uint32_t region = static_cast<uint32_t>(entries_[i]) >> 1;
      (entries_[i] & 1 ? positives : negatives)++;
      normals += region == 0;
      if (region) overlap += share[region];
    }
    const float score = score_of(static_cast<uint32_t>(key));
    sweep.before(score, static_cast<double>(found), static_cast<double>(false_alarms));
    found += positives;
    false_alarms += negatives;
    ranking.add(score, positives, negatives);
    pro.add(normals, overlap);
  }
  result.ranking = ranking.finish();
  result.au_pro = pro.area();
  result.pro = pro.curve();
  result.f1_max_sweep = sweep.finish(static_cast<double>(found), static_cast<double>(false_alarms));
  return result;
}

PixelMetrics evaluate_pixels(const std::vector<ScoredImage>& images, const ProOptions& options) {
  PixelEvaluation evaluation;
  for (const auto& image : images) evaluation.add(image);
  return evaluation.finish(options);
}

}  // namespace kizu::metrics
