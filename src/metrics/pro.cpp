#include "metrics/pro.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kizu::metrics {
namespace {

double lerp_at(const Point& a, const Point& b, double x) {
  return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
}

// The part of the segment a-b that lies left of `limit`, and its area.
double area_below(const Point& a, const Point& b, double limit) {
  if (a.x >= limit || b.x <= a.x) return 0;
  if (b.x <= limit) return 0.5 * (a.y + b.y) * (b.x - a.x);
  return 0.5 * (a.y + lerp_at(a, b, limit)) * (limit - a.x);
}

}  // namespace

ProWalk::ProWalk(uint64_t normals, uint32_t regions, const ProOptions& options)
    : all_normals_(normals), regions_(regions), options_(options) {
  if (options.thresholds == 0) points_.push_back({0, 0});
  // numpy.linspace(0, normals - 1, thresholds, dtype=int), from the highest rank down
  for (int i = options.thresholds - 1; i >= 0 && normals > 0; i--) {
    const double step =
        options.thresholds > 1 ? static_cast<double>(normals - 1) / (options.thresholds - 1) : 0;
    const bool end = i > 0 && i == options.thresholds - 1;
    ranks_.push_back(end ? normals - 1 : static_cast<uint64_t>(i * step));
  }
}

void ProWalk::add(uint64_t normals, double overlap) {
  if (all_normals_ == 0 || regions_ == 0) return;
  if (options_.thresholds == 0) {
    add_exact(normals, overlap);
  } else {
    add_at_ranks(normals);
    pro_ += overlap;
  }
  found_normals_ += normals;
}

uint64_t ProWalk::quiet() const {
  const bool draws = all_normals_ > 0 && regions_ > 0 && options_.thresholds == 0;
  if (!draws || last_.x >= options_.fpr_limit) return std::numeric_limits<uint64_t>::max();
  return quiet_after(points_, pro_, step(), static_cast<double>(all_normals_),
                     static_cast<double>(found_normals_));
}

void ProWalk::add_exact(uint64_t normals, double overlap) {
  pro_ += overlap;
  const Point here{static_cast<double>(found_normals_ + normals) / static_cast<double>(all_normals_), pro_};
  const double limit = options_.fpr_limit;
  area_ += area_below(last_, here, limit);
  if (here.x <= limit) {
    append_thinned(points_, here, step());
  } else if (last_.x < limit) {
    points_.push_back({limit, lerp_at(last_, here, limit)});
  }
  last_ = here;
}

// A normal score at ascending rank r is a threshold; what scores strictly higher is found. The rate comes
// from the rank alone, so tied thresholds share a PRO and differ in FPR.
void ProWalk::add_at_ranks(uint64_t normals) {
  const auto n = static_cast<double>(all_normals_);
  while (next_rank_ < ranks_.size() && ranks_[next_rank_] + found_normals_ + normals >= all_normals_) {
    points_.push_back({1.0 - (static_cast<double>(ranks_[next_rank_]) + 1.0) / n, pro_});
    next_rank_++;
  }
}

std::optional<double> ProWalk::area() const {
  if (all_normals_ == 0 || regions_ == 0) return std::nullopt;
  if (options_.thresholds == 0) return area_ / options_.fpr_limit;
  const auto points = curve();
  double area = 0;
  for (std::size_t i = 1; i < points.size(); i++) {
    area += area_below(points[i - 1], points[i], options_.fpr_limit);
  }
  return area / options_.fpr_limit;
}

std::vector<Point> ProWalk::curve() const {
  auto points = points_;
  if (options_.thresholds > 0 && !points.empty()) points.push_back({1, 1});
  return points;
}

}  // namespace kizu::metrics
