#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "metrics/dice.h"
#include "metrics/pixel_metrics.h"
#include "metrics/regions.h"

namespace kizu::metrics {
namespace {

// The definitions, written down without regard to speed.
RankingMetrics by_definition(const std::vector<Scored>& list) {
  double pairs = 0, wins = 0, positives = 0;
  for (const auto& p : list) {
    positives += p.positive;
    for (const auto& n : list) {
      if (!p.positive || n.positive) continue;
      pairs++;
      wins += p.score > n.score ? 1 : p.score == n.score ? 0.5 : 0;
    }
  }
  RankingMetrics result;
  result.auroc = wins / pairs;
  double ap = 0, best = 0;
  for (const auto& item : list) {
    double tp = 0, fp = 0;
    for (const auto& other : list) {
      if (other.score >= item.score) (other.positive ? tp : fp)++;
    }
    if (item.positive) ap += tp / (tp + fp) / positives;
    best = std::max(best, 2 * tp / (positives + tp + fp));
  }
  result.ap = ap;
  result.f1_max = best;
  return result;
}

std::vector<ScoredImage> random_images(int levels) {
  Dice dice{7};
  std::vector<ScoredImage> images;
  for (int n = 0; n < 3; n++) {
    ScoredImage image{12 + n, 9, {}, {}, {}};
    for (int i = 0; i < image.width * image.height; i++) {
      image.mask.push_back(dice.next() < 0.15);
      const double score = dice.next() - 0.5 + 0.4 * image.mask.back();
      image.scores.push_back(static_cast<float>(levels ? std::floor(score * levels) / levels : score));
    }
    images.push_back(image);
  }
  return images;
}

TEST(Ranking, EqualsTheDefinitionsWithAndWithoutTies) {
  for (const int levels : {0, 4}) {
    const auto images = random_images(levels);
    std::vector<Scored> list;
    for (const auto& image : images) {
      for (std::size_t i = 0; i < image.scores.size(); i++)
        list.push_back({image.scores[i], image.mask[i] != 0});
    }
    const auto expected = by_definition(list);
    for (const auto& got : {rank(list), evaluate_pixels(images).ranking}) {
      EXPECT_NEAR(*got.auroc, *expected.auroc, 1e-12);
      EXPECT_NEAR(*got.ap, *expected.ap, 1e-12);
      EXPECT_NEAR(*got.f1_max, *expected.f1_max, 1e-12);
    }
  }
}

TEST(Ranking, TheThresholdReachesTheF1) {
  const auto result = rank({{0.9, true}, {0.8, true}, {0.7, false}, {0.6, true}, {0.2, false}, {0.1, false}});
  EXPECT_DOUBLE_EQ(*result.f1_threshold, 0.6);  // 3 found, 1 false alarm
  EXPECT_DOUBLE_EQ(*result.f1_max, 6.0 / 7.0);
}

TEST(Ranking, WhatIsUndefinedIsEmpty) {
  const auto none = rank({{0.3, false}, {0.4, false}});
  EXPECT_FALSE(none.auroc || none.ap || none.f1_max || none.f1_threshold);
  const auto all = rank({{0.3, true}, {0.4, true}});
  EXPECT_FALSE(all.auroc);
  EXPECT_DOUBLE_EQ(*all.ap, 1);
  EXPECT_FALSE(rank({}).ap);
}

TEST(Ranking, NotANumberIsRefused) {
  EXPECT_THROW(rank({{std::nan(""), true}}), Error);
  ScoredImage image{1, 1, {std::numeric_limits<float>::quiet_NaN()}, {1}, {}};
  EXPECT_THROW(evaluate_pixels({image}), Error);
}

TEST(Ranking, CurvesAreThinAndMonotone) {
  Dice dice{3};
  std::vector<Scored> list;
  for (int i = 0; i < 20000; i++) {
    const bool positive = dice.next() < 0.3;
    list.push_back({dice.next() + 0.2 * positive, positive});
  }
  const auto result = rank(list);
  ASSERT_LE(result.roc.size(), 200u);
  ASSERT_LE(result.precision_recall.size(), 200u);
  double area = 0;
  for (std::size_t i = 1; i < result.roc.size(); i++) {
    EXPECT_GE(result.roc[i].x, result.roc[i - 1].x);
    area += 0.5 * (result.roc[i].y + result.roc[i - 1].y) * (result.roc[i].x - result.roc[i - 1].x);
  }
  EXPECT_NEAR(area, *result.auroc, 1e-3);
}

std::vector<uint32_t> labels_of(const Regions& found, std::size_t pixels) {
  std::vector<uint32_t> labels(pixels, 0);
  for (const auto& run : found.runs)
    for (std::size_t i = run.begin; i < run.end; i++) labels[i] = run.region;
  return labels;
}

TEST(Regions, TouchingCornersAreOneRegion) {
  // A U whose arms meet in the last row, and a pixel that touches it at a corner only; a separate one at the
  // right.
  const std::vector<uint8_t> mask{1, 0, 1, 0, 0, 0,  //
                                  1, 0, 1, 0, 0, 1,  //
                                  1, 1, 1, 0, 0, 0,  //
                                  0, 0, 0, 1, 0, 0};
  const auto found = find_regions(6, 4, mask);
  EXPECT_EQ(found.count, 2u);
  EXPECT_THAT(labels_of(found, mask.size()),
              testing::ElementsAre(1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0));
}

// One row: a region of 1 pixel and one of 2 pixels. PRO steps by 1/2 for the first, by 1/4 for each of the
// second.
TEST(Pro, ByHand) {
  ScoredImage image{6, 1, {9, 1, 8, 3, 7, 2}, {1, 0, 1, 1, 0, 0}, {}};
  const auto exact = evaluate_pixels({image}, {1.0, 0});
  // falling: 9 (region 1), 8 (region 2), 7 normal, 3 (region 2), 2 normal, 1 normal
  EXPECT_EQ(exact.regions, 2u);
  EXPECT_NEAR(*exact.au_pro, (0.75 + 1 + 1) / 3, 1e-12);
  const auto part = evaluate_pixels({image}, {0.5, 0});
  EXPECT_NEAR(*part.au_pro, (0.75 / 3 + 1.0 / 6) / 0.5, 1e-12);
}

TEST(Pro, AreaStopsInsideATieByInterpolation) {
  ScoredImage image{4, 1, {5, 5, 5, 5}, {1, 0, 0, 0}, {}};
  const auto result = evaluate_pixels({image}, {0.3, 0});
  EXPECT_NEAR(*result.au_pro, 0.15, 1e-12);  // the straight line from (0, 0) to (1, 1)
  EXPECT_NEAR(result.pro.back().x, 0.3, 1e-12);
}

TEST(Pro, ManyThresholdsComeNearTheExactArea) {
  const auto images = random_images(0);
  const double exact = *evaluate_pixels(images, {0.3, 0}).au_pro;
  EXPECT_NEAR(*evaluate_pixels(images, {0.3, 5000}).au_pro, exact, 0.01);
}

TEST(Pixels, TwoTruthsAreKeptApart) {
  ScoredImage image{4, 1, {4, 3, 2, 1}, {0, 1, 0, 0}, {1, 1, 0, 0}};
  const auto result = evaluate_pixels({image});
  EXPECT_DOUBLE_EQ(*result.ranking.ap, 0.5);
  EXPECT_DOUBLE_EQ(*result.au_pro, 1);
}

TEST(Pixels, WithoutAnomalyOnlyTheSweepIsDefined) {
  ScoredImage image{2, 1, {0.5f, 0.1f}, {0, 0}, {}};
  const auto result = evaluate_pixels({image});
  EXPECT_FALSE(result.ranking.auroc || result.ranking.ap || result.au_pro);
  EXPECT_EQ(result.f1_max_sweep, 0);
  EXPECT_FALSE(evaluate_pixels({}).au_pro);
}

TEST(Pixels, SizesMustAgree) {
  EXPECT_THROW(evaluate_pixels({ScoredImage{2, 2, {0, 0, 0}, {0, 0, 0, 0}, {}}}), Error);
  EXPECT_THROW(evaluate_pixels({ScoredImage{1, 1, {0}, {0}, {0, 1}}}), Error);
}

TEST(Pixels, NegativeAndZeroScoresAreOrdered) {
  ScoredImage image{5, 1, {-2.0f, -1.0f, -0.0f, 0.0f, 1.0f}, {0, 0, 1, 0, 1}, {}};
  const auto result = evaluate_pixels({image});
  EXPECT_NEAR(*result.ranking.auroc, (3 + 2.5) / 6, 1e-12);
}

}  // namespace
}  // namespace kizu::metrics
