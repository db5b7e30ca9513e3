#include "metrics/pixel_metrics.h"

#include <algorithm>

#include "metrics/pro.h"
#include "metrics/radix_sort.h"
#include "metrics/scored_pixels.h"

namespace kizu::metrics {
namespace {

// The first of from..end-1, sorted, that is not below `key`. Looks near `from` first.
const uint32_t* first_not_below(const uint32_t* from, const uint32_t* end, uint64_t key) {
  std::ptrdiff_t step = 1;
  while (step < end - from && from[step] < key) {
    from += step;
    step *= 2;
  }
  return std::lower_bound(from, from + std::min(step + 1, end - from), key);
}

// The reference's F1 over 21 fixed thresholds, with its 1e-8 in every denominator; comparison in float32.
class SweepWalk {
 public:
  SweepWalk(uint64_t positives, const Entries<uint32_t>& normals)
      : positives_(static_cast<double>(positives)), normals_(normals) {}

  // Every defect entry before scored strictly higher than `score`; of them, `false_alarms` are not positive.
  void before(float score, uint64_t found, uint64_t false_alarms) {
    while (next_ >= 0 && score <= threshold()) close(found, false_alarms);
  }
  double finish(uint64_t found, uint64_t false_alarms) {
    while (next_ >= 0) close(found, false_alarms);
    return best_;
  }

 private:
  float threshold() const { return static_cast<float>(next_ * 0.05); }
  void close(uint64_t found, uint64_t false_alarms) {
    const auto normals = std::lower_bound(normals_.begin(), normals_.end(), key_of(threshold()));
    const auto hits = static_cast<double>(found);
    const auto alarms = static_cast<double>(false_alarms + (normals - normals_.begin()));
    const double precision = hits / (hits + alarms + 1e-8), recall = hits / (positives_ + 1e-8);
    best_ = std::max(best_, 2 * precision * recall / (precision + recall + 1e-8));
    next_--;
  }
  double positives_, best_ = 0;
  const Entries<uint32_t>& normals_;
  int next_ = 20;
};

// Normal pixels from..to-1, sorted, with nothing else between them. Alone they move the curves to the right
// only, so all may be passed at once up to where a point of a curve may be due, which has to lie where it
// would if each distinct score were passed by itself.
void pass_normals(const uint32_t* from, const uint32_t* to, RankingWalk& ranking, ProWalk& pro) {
  const auto pass = [&](const uint32_t* end) {
    if (from == end) return;
    const auto count = static_cast<uint64_t>(end - from);
    ranking.add(score_of(*from), 0, count);
    pro.add(count, 0);
    from = end;
  };
  while (from < to) {
    const uint64_t quiet = std::min(ranking.quiet(), pro.quiet());
    if (quiet >= static_cast<uint64_t>(to - from)) return pass(to);
    const uint64_t due = from[quiet];
    pass(std::lower_bound(from, from + quiet + 1, due));
    pass(first_not_below(from, to, due + 1));
  }
}

// What shares one score and lies in a region or is positive.
struct Tie {
  uint64_t positives = 0, others = 0, normals = 0;
  double overlap = 0;  // what it adds to the PRO
};

Tie tie_at(const uint64_t* from, const uint64_t* end, const std::vector<double>& share) {
  Tie tie;
  const uint64_t key = *from >> 32;
  for (; from < end && *from >> 32 == key; from++) {
    const uint32_t region = static_cast<uint32_t>(*from) >> 1;
    (*from & 1 ? tie.positives : tie.others)++;
    if (region) {
      tie.overlap += share[region];
    } else {
      tie.normals++;
    }
  }
  return tie;
}

std::vector<double> shares(const std::vector<uint64_t>& sizes) {
  std::vector<double> share(sizes.size(), 0);
  for (std::size_t i = 1; i < sizes.size(); i++)
    share[i] = 1.0 / (static_cast<double>(sizes.size() - 1) * static_cast<double>(sizes[i]));
  return share;
}

}  // namespace

void PixelEvaluation::add(const std::vector<const ScoredImage*>& images) {
  std::vector<ScoredPixels> all(images.size());
  in_parallel(threads_, images.size(), [&](std::size_t i) { all[i] = scored_pixels(*images[i]); });
  std::vector<uint64_t> regions_before;
  for (const auto& each : all) {
    regions_before.push_back(region_sizes_.size() - 1);
    region_sizes_.insert(region_sizes_.end(), each.region_sizes.begin(), each.region_sizes.end());
  }
  in_parallel(threads_, images.size(), [&](std::size_t i) {
    for (auto& entry : all[i].defects)
      if (static_cast<uint32_t>(entry) >> 1) entry += regions_before[i] << 1;
  });
  for (auto& each : all) {
    new_normals_.push_back(std::move(each.normals));
    new_defects_.push_back(std::move(each.defects));
  }
}

void PixelEvaluation::sort() {
  const auto merge = [&](auto& sorted, auto& parts) {
    if (parts.empty()) return;
    using Entry = std::decay_t<decltype(*sorted.data())>;
    std::vector<Span<Entry>> spans{{sorted.begin(), sorted.size()}};
    for (auto& part : parts) spans.push_back({part.data(), part.size()});
    sorted = radix_sorted<Entry>(spans, threads_, [&] {
      parts.clear();
      sorted = {};
    });
  };
  merge(normals_, new_normals_);
  merge(defects_, new_defects_);
}

PixelMetrics PixelEvaluation::finish(const ProOptions& options) {
  sort();
  uint64_t positives = 0, in_regions = 0;
  for (const auto entry : defects_) positives += entry & 1;
  for (const auto size : region_sizes_) in_regions += size;
  PixelMetrics result;
  result.pixels = normals_.size() + defects_.size();
  result.regions = static_cast<uint32_t>(region_sizes_.size() - 1);
  const auto share = shares(region_sizes_);
  RankingWalk ranking(positives, result.pixels - positives);
  ProWalk pro(result.pixels - in_regions, result.regions, options);
  SweepWalk sweep(positives, normals_);
  const uint32_t* normal = normals_.begin();
  uint64_t found = 0, false_alarms = 0;
  for (const uint64_t* entry = defects_.begin(); entry < defects_.end();) {
    const auto key = static_cast<uint32_t>(*entry >> 32);
    const uint32_t* higher = first_not_below(normal, normals_.end(), key);
    pass_normals(normal, higher, ranking, pro);
    normal = first_not_below(higher, normals_.end(), uint64_t{key} + 1);
    const Tie tie = tie_at(entry, defects_.end(), share);
    const auto tied = static_cast<uint64_t>(normal - higher);
    sweep.before(score_of(key), found, false_alarms);
    ranking.add(score_of(key), tie.positives, tie.others + tied);
    pro.add(tie.normals + tied, tie.overlap);
    found += tie.positives;
    false_alarms += tie.others;
    entry += tie.positives + tie.others;
  }
  pass_normals(normal, normals_.end(), ranking, pro);
  result.ranking = ranking.finish();
  result.au_pro = pro.area();
  result.pro = pro.curve();
  result.f1_max_sweep = sweep.finish(found, false_alarms);
  return result;
}

PixelMetrics evaluate_pixels(const std::vector<ScoredImage>& images, const ProOptions& options, int threads) {
  PixelEvaluation evaluation(threads);
  std::vector<const ScoredImage*> all;
  for (const auto& image : images) all.push_back(&image);
  evaluation.add(all);
  return evaluation.finish(options);
}

}  // namespace kizu::metrics
