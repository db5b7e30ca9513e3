#include "quality/inception_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace kizu::quality {
namespace {

TEST(InceptionScore, IsOneWhenAllLookAlike) {
  EXPECT_NEAR(inception_score(torch::tensor({{0.7, 0.2, 0.1}, {0.7, 0.2, 0.1}}, torch::kFloat64), 1, 1), 1,
              1e-12);
}

TEST(InceptionScore, IsTheNumberOfClassesThatAreToldApart) {
  const auto sure = torch::eye(4, torch::kFloat64).repeat({5, 1});
  EXPECT_NEAR(inception_score(sure, 1, 1), 4, 1e-9);
}

TEST(InceptionScore, IsWhatOneComputesByHand) {
  const auto p = torch::tensor({{0.9, 0.1}, {0.5, 0.5}}, torch::kFloat64);
  const double first = 0.9 * std::log(0.9 / 0.7) + 0.1 * std::log(0.1 / 0.3);
  const double second = 0.5 * std::log(0.5 / 0.7) + 0.5 * std::log(0.5 / 0.3);
  EXPECT_NEAR(inception_score(p, 1, 1), std::exp((first + second) / 2), 1e-12);
  EXPECT_NEAR(inception_score(p, 2, 1), 1, 1e-12);  // each split is one picture
  EXPECT_THROW(inception_score(p, 3, 1), Error);
}

TEST(InceptionScore, TenSplitsWhereThereAreEnough) {
  EXPECT_EQ(splits_for(1000), 10);
  EXPECT_EQ(splits_for(35), 3);
  EXPECT_EQ(splits_for(4), 1);
}

}  // namespace
}  // namespace kizu::quality
