#include "metrics/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "metrics/dice.h"
#include "metrics/score_bins.h"

namespace kizu::metrics {
namespace {

// Scores as a softmax gives them, many of them near 0 and 1; three square defects at most.
ScoredImage image(uint64_t seed, int side, int defects) {
  Dice dice{seed};
  ScoredImage out{side, side, std::vector<float>(side * side), std::vector<uint8_t>(side * side), {}};
  for (int n = 0; n < defects; n++) {
    const int size = 3 + static_cast<int>(dice.next() * 5), at = n * (side / 3) + 1;
    for (int y = at; y < at + size && y < side; y++)
      for (int x = 2; x < 2 + size; x++) out.mask[y * side + x] = 1;
  }
  for (std::size_t i = 0; i < out.scores.size(); i++) {
    const double odds = 8 * (dice.next() + dice.next() - 1) - 5 + 5 * out.mask[i];
    out.scores[i] = static_cast<float>(1 / (1 + std::exp(-odds)));
  }
  return out;
}

TEST(ScoreBins, SumsGiveTheExactMetricsUpToTheTiesWithinABin) {
  PixelEvaluation exact;
  ScoreBinsSum sum;
  for (uint64_t n = 0; n < 6; n++) {
    const auto photo = image(n, 40, static_cast<int>(n % 4));
    exact.add(photo);
    sum.add(count_scores(photo), 1);
  }
  const auto expected = exact.finish();
  const auto got = sum.finish();
  EXPECT_NEAR(*got.auroc, *expected.ranking.auroc, 1e-4);
  EXPECT_NEAR(*got.ap, *expected.ranking.ap, 2e-3);
  EXPECT_NEAR(*got.f1_max, *expected.ranking.f1_max, 2e-3);
  EXPECT_NEAR(*got.au_pro, *expected.au_pro, 1e-3);
}

TEST(ScoreBins, ScoresThatAreBinsAlreadyGiveTheExactMetrics) {
  PixelEvaluation exact;
  ScoreBinsSum sum;
  for (uint64_t n = 0; n < 6; n++) {
    auto photo = image(n, 40, 2);
    for (auto& score : photo.scores)
      score = std::round(score * 20) / 20;  // 21 values, all in bins of their own
    exact.add(photo);
    sum.add(count_scores(photo), 1);
  }
  const auto expected = exact.finish();
  const auto got = sum.finish();
  EXPECT_NEAR(*got.auroc, *expected.ranking.auroc, 1e-12);
  EXPECT_NEAR(*got.ap, *expected.ranking.ap, 1e-12);
  EXPECT_NEAR(*got.f1_max, *expected.ranking.f1_max, 1e-12);
  EXPECT_NEAR(*got.au_pro, *expected.au_pro, 1e-12);
}

TEST(ScoreBins, AWeightIsAsManyCopiesOfThePhoto) {
  const auto one = image(1, 30, 2), other = image(2, 30, 1);
  PixelEvaluation copies;
  for (int n = 0; n < 3; n++) copies.add(one);
  copies.add(other);
  ScoreBinsSum sum;
  sum.add(count_scores(one), 3);
  sum.add(count_scores(other), 1);
  sum.add(count_scores(image(3, 30, 3)), 0);
  EXPECT_NEAR(*sum.finish().ap, *copies.finish().ranking.ap, 3e-3);
  EXPECT_NEAR(*sum.finish().au_pro, *copies.finish().au_pro, 2e-3);
}

TEST(ScoreBins, BinsRiseWithTheScoreAndTakeInTheEnds) {
  EXPECT_EQ(ScoreBins::bin_of(0), 0);
  EXPECT_EQ(ScoreBins::bin_of(1), ScoreBins::kBins - 1);
  EXPECT_EQ(ScoreBins::bin_of(0.5F), ScoreBins::kCoarse + ScoreBins::kFine / 2);
  EXPECT_LT(ScoreBins::bin_of(0.9990F), ScoreBins::bin_of(0.9991F));
  EXPECT_LT(ScoreBins::bin_of(1e-6F), ScoreBins::bin_of(1.02e-6F));
  EXPECT_LT(ScoreBins::bin_of(1e-9F), ScoreBins::bin_of(1.1e-9F));
  EXPECT_LT(ScoreBins::bin_of(1e-38F), ScoreBins::bin_of(1e-30F));
  EXPECT_LT(0, ScoreBins::bin_of(1e-37F));
  EXPECT_LT(ScoreBins::bin_of(1.1e-7F), ScoreBins::bin_of(1.2e-7F));  // about -16
  EXPECT_FALSE(ScoreBinsSum().finish().ap.has_value());
}

TEST(WeightedRanking, EqualsRankOfTheCopies) {
  Dice dice{5};
  std::vector<Scored> photos, copies;
  std::vector<double> weights;
  for (int i = 0; i < 40; i++) {
    photos.push_back({std::floor(dice.next() * 12), dice.next() < 0.4});
    weights.push_back(std::floor(dice.next() * 3));
    for (int n = 0; n < weights.back(); n++) copies.push_back(photos.back());
  }
  const auto got = WeightedRanking(photos).measure(weights);
  const auto expected = rank(copies);
  EXPECT_NEAR(*got.auroc, *expected.auroc, 1e-12);
  EXPECT_NEAR(*got.ap, *expected.ap, 1e-12);
  EXPECT_NEAR(*got.f1_max, *expected.f1_max, 1e-12);
}

std::vector<Drawn> photos_of(int n) {
  std::vector<Drawn> photos;
  for (int i = 0; i < n; i++) photos.push_back({"scratch", "photo " + std::to_string(i)});
  return photos;
}

// The standard error of the mean of n values of deviation s is s / sqrt(n).
TEST(Bootstrap, FindsTheStandardErrorOfAMean) {
  constexpr int kPhotos = 100;
  Dice dice{11};
  std::vector<double> values;
  for (int i = 0; i < kPhotos; i++) values.push_back(dice.next());
  const Bootstrap bootstrap(photos_of(kPhotos), 3);
  std::vector<double> means;
  for (uint64_t r = 0; r < 4000; r++) {
    const auto weights = bootstrap.weights(r);
    double sum = 0, count = 0;
    for (int i = 0; i < kPhotos; i++) sum += weights[i] * values[i], count += weights[i];
    EXPECT_EQ(count, kPhotos);
    means.push_back(sum / count);
  }
  const auto truth = *mean_and_deviation(values);
  const double error = *truth.deviation / std::sqrt(kPhotos);
  const auto found = *mean_and_deviation(means);
  EXPECT_NEAR(found.mean, truth.mean, error / 10);
  EXPECT_NEAR(*found.deviation, error, error / 15);
  const auto interval = *percentile_interval(means);
  EXPECT_NEAR(interval.low, truth.mean - 1.96 * error, error / 5);
  EXPECT_NEAR(interval.high, truth.mean + 1.96 * error, error / 5);
}

TEST(Bootstrap, KeepsStrataAndDrawsPiecesWhole) {
  std::vector<Drawn> photos;
  for (int i = 0; i < 12; i++) photos.push_back({"crack", "tile " + std::to_string(i / 3)});
  for (int i = 0; i < 5; i++) photos.push_back({"good", "photo " + std::to_string(i)});
  const Bootstrap bootstrap(photos, 1);
  EXPECT_EQ(bootstrap.pieces("crack"), 4U);
  EXPECT_EQ(bootstrap.pieces("good"), 5U);
  bool varied = false;
  for (uint64_t r = 0; r < 50; r++) {
    const auto weights = bootstrap.weights(r);
    double cracks = 0, good = 0;
    for (int i = 0; i < 12; i++) {
      EXPECT_EQ(weights[i], weights[i / 3 * 3]);
      cracks += weights[i];
    }
    for (int i = 12; i < 17; i++) good += weights[i];
    EXPECT_EQ(cracks, 12);
    EXPECT_EQ(good, 5);
    varied = varied || weights != bootstrap.weights(r + 1);
  }
  EXPECT_TRUE(varied);
  EXPECT_EQ(bootstrap.weights(7), Bootstrap(photos, 1).weights(7));
  EXPECT_NE(bootstrap.weights(7), Bootstrap(photos, 2).weights(7));
}

TEST(Intervals, OfKnownValues) {
  std::vector<double> values;
  for (int i = 100; i >= 0; i--) values.push_back(i);
  values.push_back(NAN);
  const auto interval = *percentile_interval(values, 0.9);
  EXPECT_DOUBLE_EQ(interval.low, 5);
  EXPECT_DOUBLE_EQ(interval.high, 95);
  EXPECT_FALSE(percentile_interval({NAN}).has_value());
  EXPECT_NEAR(*mean_and_deviation({1, 2, 3, 4}).value().deviation, 1.2909944487, 1e-9);
  EXPECT_FALSE(mean_and_deviation({1}).value().deviation.has_value());
}

}  // namespace
}  // namespace kizu::metrics
