#include "anomaly/scoring.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "image/masks.h"
#include "tensor/neighbourhood.h"

namespace kizu::anomaly {
namespace {

constexpr double kLeastGrain = 1.5;  // of 255, added to the grain of a surface
constexpr int kRingFrom = 3, kRingWidth = 5;
constexpr int64_t kGrainRadius = 12;  // px; light that changes more slowly hides no defect
// Below these differences (of 255) two appearances are alike whatever the spread of a few shots.
constexpr Appearance kLeastSpread{8, 5, 10, 10, 3, 5, 5};

struct Statistics {
  double mean = 0, deviation = 0;
};

Statistics statistics_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / count)};
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

/// The neighbourhood of a defect: everything that is measured lies in it.
struct Scene {
  Mask mask, ring, outline;
  Box box;
};

Scene scene_of(const Mask& mask) {
  const Box tight = bounding_box(mask);
  const int more = kRingFrom + kRingWidth + 1;
  Scene scene;
  scene.box = {std::max(0, tight.x0 - more), std::max(0, tight.y0 - more),
               std::min(mask.width, tight.x1 + more), std::min(mask.height, tight.y1 + more)};
  scene.mask = crop(mask, scene.box);
  scene.ring = ring(scene.mask, kRingFrom, kRingWidth);
  if (area(scene.ring) == 0) {  // the defect fills the photo: compare with all the rest
    scene.ring = scene.mask;
    for (auto& value : scene.ring.values) value = !value;
  }
  scene.outline = scene.mask;
  const Mask inner = erode(scene.mask, 1), outer = dilate(scene.mask, 1);
  for (std::size_t i = 0; i < outer.values.size(); i++)
    scene.outline.values[i] = outer.values[i] && !inner.values[i];
  return scene;
}

using Plane = std::vector<double>;

std::vector<double> values_in(const Plane& plane, const Mask& where) {
  std::vector<double> out;
  for (std::size_t i = 0; i < plane.size(); i++)
    if (where.values[i]) out.push_back(plane[i]);
  return out;
}

Plane gradient(const Plane& plane, int width, int height) {
  Plane out(plane.size(), 0);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const auto at = [&](int u, int v) {
        return plane[static_cast<std::size_t>(std::clamp(v, 0, height - 1)) * width +
                     std::clamp(u, 0, width - 1)];
      };
      out[static_cast<std::size_t>(y) * width + x] =
          std::hypot((at(x + 1, y) - at(x - 1, y)) / 2, (at(x, y + 1) - at(x, y - 1)) / 2);
    }
  return out;
}

/// Brightness, and for colour the three channels, of 255.
std::vector<Plane> planes_of(const Image& image, const Box& box) {
  const double unit = 255.0 / image.max_value();
  std::vector<Plane> planes(image.channels == 3 ? 4 : 1);
  for (int y = box.y0; y < box.y1; y++)
    for (int x = box.x0; x < box.x1; x++) {
      if (image.channels == 1) {
        planes[0].push_back(unit * image.at(x, y));
        continue;
      }
      const double r = unit * image.at(x, y, 0), g = unit * image.at(x, y, 1), b = unit * image.at(x, y, 2);
      planes[0].push_back(0.299 * r + 0.587 * g + 0.114 * b);
      planes[1].push_back(r), planes[2].push_back(g), planes[3].push_back(b);
    }
  return planes;
}

double contrast(const Plane& plane, const Scene& scene) {
  return statistics_of(values_in(plane, scene.mask)).mean - statistics_of(values_in(plane, scene.ring)).mean;
}

/// Difference of two photos at one pixel in the channel that changed most, of 255.
double change_at(const Image& a, const Image& b, std::size_t pixel) {
  int most = 0;
  for (int c = 0; c < a.channels; c++) {
    const std::size_t i = pixel * a.channels + c;
    most = std::max(most, std::abs(static_cast<int>(a.values[i]) - b.values[i]));
  }
  return most * 255.0 / a.max_value();
}

/// By how much the plane varies `where`, of 255: root mean square difference from the mean nearby.
double variation(const Plane& plane, const Mask& where) {
  const auto there = torch::tensor(plane).view({1, where.height, where.width});
  const auto weight = torch::tensor(where.values).to(torch::kFloat64).view_as(there);
  const auto level =
      mean_near(there * weight, kGrainRadius) / mean_near(weight, kGrainRadius).clamp_min(1e-9);
  const auto squares = ((there - level).square() * weight).sum().item<double>();
  return std::sqrt(squares / std::max(1.0, weight.sum().item<double>()));
}

/// The grain of the good photo in and around the mask.
double grain_of(const Image& good, const Mask& mask) {
  const Scene scene = scene_of(mask);
  return variation(planes_of(good, scene.box)[0], dilate(scene.mask, kRingFrom + kRingWidth)) + kLeastGrain;
}

std::string two_digits(double value) {
  const auto hundredths = std::lround(value * 100);
  const std::string rest = std::to_string(std::abs(hundredths) % 100);
  return std::to_string(hundredths / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

/// Brightness, unless a channel shows clearly more.
const Plane& clearest(const std::vector<Plane>& planes, const Scene& scene) {
  const Plane* chosen = &planes[0];
  for (const Plane& plane : planes)
    if (std::abs(contrast(plane, scene)) > 1.5 * std::abs(contrast(*chosen, scene)) + 2) chosen = &plane;
  return *chosen;
}

/// The clarity that a pair would have if it looked like this shot where a good photo looked like its ring.
double clarity_of(const Shot& shot) {
  const Scene scene = scene_of(shot.mask);
  const auto planes = planes_of(shot.image, scene.box);
  const Plane& plane = clearest(planes, scene);
  const double inside = variation(plane, scene.mask), around = variation(plane, scene.ring);
  return std::hypot(contrast(plane, scene), inside, around) / (around + kLeastGrain);
}

}  // namespace

Appearance appearance_of(const Image& image, const Mask& mask) {
  if (bounding_box(mask).empty()) return {};
  const Scene scene = scene_of(mask);
  const auto planes = planes_of(image, scene.box);
  const Plane& plane = clearest(planes, scene);
  const auto inside = values_in(plane, scene.mask);
  const auto [ring_mean, ring_deviation] = statistics_of(values_in(plane, scene.ring));
  const auto [mean, deviation] = statistics_of(inside);
  const Plane steps = gradient(plane, scene.mask.width, scene.mask.height);
  return {mean - ring_mean,
          deviation,
          quantile(inside, 0.1) - ring_mean,
          quantile(inside, 0.9) - ring_mean,
          statistics_of(values_in(steps, scene.mask)).mean,
          statistics_of(values_in(steps, scene.outline)).mean,
          ring_deviation};
}

Standard Standard::of(const std::vector<Shot>& shots) {
  Standard standard;
  double weakest = 255;
  for (const Shot& shot : shots) {
    const auto appearance = appearance_of(shot.image, shot.mask);
    standard.shots_.push_back(appearance);
    if (!bounding_box(shot.mask).empty())
      standard.least_clear_ = std::min(standard.least_clear_, clarity_of(shot));
    // A defect both darker and brighter than its surroundings has little mean contrast.
    weakest = std::min(weakest, std::max(std::abs(appearance[0]), appearance[1]));
  }
  if (shots.empty()) weakest = 0;
  standard.least_visible_ = std::max(3.0, weakest / 3);
  for (std::size_t k = 0; k < standard.spread_.size(); k++) {
    std::vector<double> values;
    for (const auto& shot : standard.shots_) values.push_back(shot[k]);
    standard.spread_[k] = std::max(kLeastSpread[k], statistics_of(values).deviation);
  }
  // The shots themselves must pass with ease, each judged by the others.
  for (std::size_t i = 0; i < standard.shots_.size() && standard.shots_.size() > 1; i++) {
    Standard others = standard;
    others.shots_.erase(others.shots_.begin() + static_cast<std::ptrdiff_t>(i));
    standard.most_distant_ = std::max(standard.most_distant_, 1.5 * others.distance(standard.shots_[i]));
  }
  return standard;
}

double Standard::distance(const Appearance& appearance) const {
  double nearest = shots_.empty() ? 0 : 1e9;
  for (const auto& shot : shots_) {
    double sum = 0;
    for (std::size_t k = 0; k < spread_.size(); k++) {
      const double step = (appearance[k] - shot[k]) / spread_[k];
      sum += step * step;
    }
    nearest = std::min(nearest, std::sqrt(sum / static_cast<double>(spread_.size())));
  }
  return nearest;
}

PairScore score_pair(const Image& good, const Image& made, const Mask& mask, const Standard& standard,
                     bool in_place) {
  double inside = 0, inside_count = 0, squares = 0, outside = 0, outside_count = 0;
  for (std::size_t i = 0; i < mask.values.size(); i++) {
    const double change = change_at(good, made, i);
    if (mask.values[i]) {
      inside += change, inside_count++, squares += change * change;
    } else if (change > 0) {
      outside += change, outside_count++;
    }
  }
  PairScore score;
  score.visible = inside_count > 0 ? inside / inside_count : 0;
  score.leak = outside_count > 0 ? outside / outside_count / std::max(score.visible, 1e-6) : 0;
  score.clarity = inside_count > 0 ? std::sqrt(squares / inside_count) / grain_of(good, mask) : 0;
  score.distance = standard.distance(appearance_of(made, mask));
  score.lost =
      !in_place && score.visible >= standard.least_visible() && score.clarity < standard.least_clear();
  if (score.visible < standard.least_visible()) {
    score.reason = "hardly visible: " + two_digits(score.visible) + " of 255, wanted " +
                   two_digits(standard.least_visible());
  } else if (score.lost) {
    score.reason = "lost in the surface: clarity " + two_digits(score.clarity) + ", wanted " +
                   two_digits(standard.least_clear());
  } else if (score.leak > kMostLeak) {
    score.reason = "the surroundings changed more than the defect: " + two_digits(score.leak);
  } else if (score.distance > standard.most_distant()) {
    score.reason = "unlike the real shots: " + two_digits(score.distance) + ", at most " +
                   two_digits(standard.most_distant());
  }
  score.passed = score.reason.empty();
  return score;
}

}  // namespace kizu::anomaly
