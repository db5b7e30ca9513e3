#include "metrics/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "metrics/dice.h"

namespace kizu::metrics {
namespace {

constexpr std::size_t kSeeds = 5, kReplicates = 2000;

// Each seed's replicates scatter around its value by a common part (the photos) and a part of their own.
std::vector<Sampled> arm(double level, double own, uint64_t seed) {
  Dice dice{seed};
  std::vector<Sampled> seeds;
  for (std::size_t s = 0; s < kSeeds; s++) {
    Sampled one{level + own * (dice.next() - 0.5), {}};
    Dice common{77};
    for (std::size_t r = 0; r < kReplicates; r++)
      one.replicates.push_back(one.value + 0.4 * (common.next() - 0.5));
    seeds.push_back(one);
  }
  return seeds;
}

std::vector<std::vector<std::size_t>> draws() {
  const Bootstrap bootstrap({{"good", "a"}}, 9);
  std::vector<std::vector<std::size_t>> out;
  for (std::size_t r = 0; r < kReplicates; r++) out.push_back(bootstrap.draw(kSeeds, r));
  return out;
}

TEST(Comparison, OfAnArmAndItselfIsExactlyZero) {
  const auto same = arm(0.4, 0.1, 1);
  const auto found = difference(same, same, draws());
  EXPECT_EQ(found.mean, 0);
  EXPECT_EQ(*found.deviation, 0);
  EXPECT_EQ(found.interval->low, 0);
  EXPECT_EQ(found.interval->high, 0);
  EXPECT_EQ(found.up + found.down, 0);
  EXPECT_EQ(effect_of(found), Effect::kNoDifference);
}

TEST(Comparison, HasTheSignOfTheFirstArm) {
  const auto better = arm(0.5, 0.02, 1), worse = arm(0.4, 0.02, 2);
  const auto up = difference(better, worse, draws()), down = difference(worse, better, draws());
  EXPECT_NEAR(up.mean, 0.1, 0.02);
  EXPECT_EQ(up.up, static_cast<int>(kSeeds));
  EXPECT_EQ(effect_of(up), Effect::kHelped);
  EXPECT_EQ(effect_of(down), Effect::kHurt);
  EXPECT_DOUBLE_EQ(up.mean, -down.mean);
  EXPECT_NEAR(up.interval->low, -down.interval->high, 1e-12);
}

// What all arms find hard cancels: the interval of the difference is far narrower than those of the arms.
TEST(Comparison, OfPairsIsNarrowerThanTheArms) {
  const auto a = arm(0.5, 0.02, 1), b = arm(0.48, 0.02, 2);
  const auto alone = *estimate(a, draws()).interval, paired = *difference(a, b, draws()).interval;
  EXPECT_LT(paired.high - paired.low, 0.2 * (alone.high - alone.low));
}

// Seeds that disagree widen the interval even where the photos leave no doubt.
TEST(Comparison, SpeaksForOtherSeedsToo) {
  std::vector<Sampled> seeds;
  for (const double value : {0.1, 0.2, 0.3, 0.4, 0.5})
    seeds.push_back({value, std::vector<double>(kReplicates, value)});
  const auto found = estimate(seeds, draws());
  EXPECT_NEAR(found.mean, 0.3, 1e-12);
  EXPECT_NEAR(*found.deviation, std::sqrt(0.025), 1e-12);
  // The bootstrap's standard error of a mean of 5: sqrt(0.02 / 5).
  EXPECT_NEAR(found.interval->high - found.interval->low, 2 * 1.96 * std::sqrt(0.02 / 5), 0.03);
}

TEST(Comparison, AveragesCategories) {
  const auto mean = average({arm(0.2, 0, 1), arm(0.6, 0, 2)});
  EXPECT_NEAR(mean[3].value, 0.4, 1e-12);
  EXPECT_NEAR(mean[3].replicates[5] - mean[3].value, arm(0.2, 0, 1)[3].replicates[5] - 0.2, 1e-12);
}

}  // namespace
}  // namespace kizu::metrics
