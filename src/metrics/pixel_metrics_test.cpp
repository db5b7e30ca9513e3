// Every pixel metric against its definition, written down without regard to speed.
#include "metrics/pixel_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "metrics/dice.h"
#include "metrics/pro.h"
#include "metrics/regions.h"

namespace kizu::metrics {
namespace {

using Images = std::vector<ScoredImage>;

struct Scene {
  int levels = 0;        // of the scores; 0: hardly any ties
  double defects = 0.1;  // share of defect pixels
  bool two_truths = false;
};

Images images_of(const Scene& scene) {
  Dice dice{17};
  Images images;
  for (int n = 0; n < 3; n++) {
    ScoredImage image{25 + n, 21, {}, {}, {}};
    for (int i = 0; i < image.width * image.height; i++) {
      image.mask.push_back(n > 0 && dice.next() < scene.defects);
      if (scene.two_truths)
        image.pro_mask.push_back(image.mask.back() ? dice.next() < 0.9 : dice.next() < 0.1);
      const double score = dice.next() * 1.2 - 0.3 + 0.2 * image.mask.back();
      image.scores.push_back(
          static_cast<float>(scene.levels ? std::floor(score * scene.levels) / scene.levels : score));
    }
    images.push_back(image);
  }
  return images;
}

const std::vector<uint8_t>& pro_truth(const ScoredImage& image) {
  return image.pro_mask.empty() ? image.mask : image.pro_mask;
}

// Pixels of each region: neighbours take each other's smallest number until nothing changes.
std::vector<std::vector<std::size_t>> regions_by_definition(const ScoredImage& image) {
  const auto& mask = pro_truth(image);
  std::vector<std::size_t> number(mask.size());
  for (std::size_t i = 0; i < mask.size(); i++) number[i] = i;
  const auto touches = [&](std::size_t a, std::size_t b) {
    const int w = image.width, dx = std::abs(static_cast<int>(a % w) - static_cast<int>(b % w));
    return dx <= 1 && std::abs(static_cast<int>(a / w) - static_cast<int>(b / w)) <= 1;
  };
  for (bool changes = true; changes;) {
    changes = false;
    for (std::size_t a = 0; a < mask.size(); a++)
      for (std::size_t b = 0; b < mask.size(); b++)
        if (mask[a] && mask[b] && number[b] < number[a] && touches(a, b)) {
          number[a] = number[b];
          changes = true;
        }
  }
  std::map<std::size_t, std::vector<std::size_t>> regions;
  for (std::size_t i = 0; i < mask.size(); i++)
    if (mask[i]) regions[number[i]].push_back(i);
  std::vector<std::vector<std::size_t>> all;
  for (const auto& [first, pixels] : regions) all.push_back(pixels);
  return all;
}

struct Expected {
  double auroc = 0, ap = 0, f1 = 0, sweep = 0;
};

// Calls see(score, positive) for every pixel.
void each_pixel(const Images& images, const std::function<void(float, bool)>& see) {
  for (const auto& image : images)
    for (std::size_t i = 0; i < image.scores.size(); i++) see(image.scores[i], image.mask[i] != 0);
}

Expected ranking_by_definition(const Images& images) {
  Expected expected;
  double positives = 0, pairs = 0;
  each_pixel(images, [&](float, bool positive) { positives += positive; });
  each_pixel(images, [&](float score, bool positive) {
    double tp = 0, fp = 0, below = 0;
    each_pixel(images, [&](float other, bool hit) {
      if (other >= score) (hit ? tp : fp)++;
      if (!hit) below += other < score ? 1 : other == score ? 0.5 : 0;
      pairs += positive && !hit;
    });
    expected.f1 = std::max(expected.f1, 2 * tp / (positives + tp + fp));
    if (positive) expected.ap += tp / (tp + fp) / positives;
    if (positive) expected.auroc += below;
  });
  expected.auroc /= pairs;
  for (int step = 0; step <= 20; step++) {
    double tp = 0, fp = 0;
    each_pixel(images, [&](float score, bool hit) {
      if (score > static_cast<float>(step * 0.05)) (hit ? tp : fp)++;
    });
    const double precision = tp / (tp + fp + 1e-8), recall = tp / (positives + 1e-8);
    expected.sweep = std::max(expected.sweep, 2 * precision * recall / (precision + recall + 1e-8));
  }
  return expected;
}

// One point for each distinct score, joined by straight lines, cut at the limit.
double au_pro_by_definition(const Images& images, double limit) {
  std::set<float, std::greater<>> thresholds;
  double normals = 0, regions = 0;
  std::vector<std::vector<std::vector<std::size_t>>> of_image;
  for (const auto& image : images) {
    thresholds.insert(image.scores.begin(), image.scores.end());
    of_image.push_back(regions_by_definition(image));
    regions += static_cast<double>(of_image.back().size());
    for (const auto outside : pro_truth(image)) normals += outside == 0;
  }
  double area = 0;
  Point last;
  for (const float threshold : thresholds) {
    double found = 0, overlap = 0;
    for (std::size_t n = 0; n < images.size(); n++) {
      const auto& scores = images[n].scores;
      for (std::size_t i = 0; i < scores.size(); i++)
        found += pro_truth(images[n])[i] == 0 && scores[i] >= threshold;
      for (const auto& region : of_image[n]) {
        double hits = 0;
        for (const auto pixel : region) hits += scores[pixel] >= threshold;
        overlap += hits / static_cast<double>(region.size());
      }
    }
    const Point here{found / normals, overlap / regions};
    const double end = std::min(here.x, limit);
    if (end > last.x) {
      const double height = last.y + (here.y - last.y) * (end - last.x) / (here.x - last.x);
      area += 0.5 * (last.y + height) * (end - last.x);
    }
    last = here;
  }
  return area / limit;
}

class PixelMetricsOf : public testing::TestWithParam<Scene> {};

TEST_P(PixelMetricsOf, EqualTheirDefinitions) {
  const auto images = images_of(GetParam());
  const auto expected = ranking_by_definition(images);
  const auto got = evaluate_pixels(images);
  EXPECT_NEAR(*got.ranking.auroc, expected.auroc, 1e-12);
  EXPECT_NEAR(*got.ranking.ap, expected.ap, 1e-12);
  EXPECT_NEAR(*got.ranking.f1_max, expected.f1, 1e-12);
  EXPECT_NEAR(got.f1_max_sweep, expected.sweep, 1e-12);
  std::size_t regions = 0;
  for (const auto& image : images) regions += regions_by_definition(image).size();
  EXPECT_EQ(got.regions, regions);
  for (const double limit : {0.05, 0.3, 1.0})
    EXPECT_NEAR(*evaluate_pixels(images, {limit, 0}).au_pro, au_pro_by_definition(images, limit), 1e-12);
}

// Passing many normal pixels at once must not show: the curves are those of a walk over the distinct scores.
TEST_P(PixelMetricsOf, CurvesAreThoseOfASlowWalk) {
  const auto images = images_of(GetParam());
  const auto got = evaluate_pixels(images);
  std::vector<Scored> list;
  each_pixel(images, [&](float score, bool positive) { list.push_back({score, positive}); });
  const auto slow = rank(list);
  const auto same = [](const std::vector<Point>& a, const std::vector<Point>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); i++) EXPECT_TRUE(a[i].x == b[i].x && a[i].y == b[i].y) << i;
  };
  same(got.ranking.roc, slow.roc);
  same(got.ranking.precision_recall, slow.precision_recall);
  EXPECT_EQ(got.ranking.f1_threshold, slow.f1_threshold);
  EXPECT_EQ(got.ranking.ap, slow.ap);

  std::map<float, std::pair<uint64_t, double>, std::greater<>> ties;  // normals, overlap
  uint64_t normals = 0;
  for (const auto& image : images) {
    for (std::size_t i = 0; i < image.scores.size(); i++)
      if (!pro_truth(image)[i]) normals++, ties[image.scores[i]].first++;
    for (const auto& region : regions_by_definition(image))
      for (const auto pixel : region)
        ties[image.scores[pixel]].second +=
            1.0 / (static_cast<double>(got.regions) * static_cast<double>(region.size()));
  }
  ProWalk pro(normals, got.regions, {});
  for (const auto& [score, tie] : ties) pro.add(tie.first, tie.second);
  ASSERT_EQ(got.pro.size(), pro.curve().size());
  for (std::size_t i = 0; i < got.pro.size(); i++) {
    EXPECT_DOUBLE_EQ(got.pro[i].x, pro.curve()[i].x);
    EXPECT_NEAR(got.pro[i].y, pro.curve()[i].y, 1e-12);
  }
}

TEST_P(PixelMetricsOf, AreTheSameBytesOnAnyNumberOfThreadsAndInAnyPortions) {
  const auto images = images_of(GetParam());
  const auto one = evaluate_pixels(images, {}, 1);
  const auto expect_same = [&](const PixelMetrics& other) {
    EXPECT_EQ(other.ranking.auroc, one.ranking.auroc);
    EXPECT_EQ(other.ranking.ap, one.ranking.ap);
    EXPECT_EQ(other.ranking.f1_max, one.ranking.f1_max);
    EXPECT_EQ(other.au_pro, one.au_pro);
    EXPECT_EQ(other.f1_max_sweep, one.f1_max_sweep);
    EXPECT_EQ(other.regions, one.regions);
    EXPECT_EQ(other.pixels, one.pixels);
    EXPECT_EQ(other.pro.size(), one.pro.size());
  };
  for (const int threads : {2, 3, 8}) expect_same(evaluate_pixels(images, {}, threads));
  PixelEvaluation slowly(2);
  for (const auto& image : images) {
    slowly.add(image);
    slowly.finish();  // sorts what is there so far
  }
  expect_same(slowly.finish());
}

INSTANTIATE_TEST_SUITE_P(Scenes, PixelMetricsOf,
                         testing::Values(Scene{}, Scene{4}, Scene{1}, Scene{16, 0.02}, Scene{0, 0.6},
                                         Scene{0, 0.004}, Scene{16, 0.5, true}, Scene{0, 0.05, true}));

TEST(PixelEvaluation, APhotoThatIsRefusedLeavesNothingBehind) {
  const ScoredImage good{2, 1, {0.5F, 0.1F}, {1, 0}, {}}, broken{2, 1, {0.5F, std::nanf("")}, {1, 0}, {}};
  PixelEvaluation evaluation;
  EXPECT_ANY_THROW(evaluation.add({&good, &broken}));
  EXPECT_EQ(evaluation.finish().pixels, 0u);
}

TEST(FirstSet, SkipsWhatIsZero) {
  std::vector<uint8_t> mask(40, 0);
  EXPECT_EQ(first_set(mask, 0, 40), 40u);
  for (const std::size_t at : {0u, 7u, 8u, 31u, 39u}) {
    mask.assign(40, 0);
    mask[at] = 1;
    EXPECT_EQ(first_set(mask, 0, 40), at);
    EXPECT_EQ(first_set(mask, at + 1, 40), 40u);
    EXPECT_EQ(first_set(mask, 0, at), at);
  }
}

}  // namespace
}  // namespace kizu::metrics
