#include "quality/frechet.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "tensor/noise.h"

namespace kizu::quality {
namespace {

torch::Tensor matrix(std::vector<double> values, int64_t side) {
  return torch::tensor(values, torch::kFloat64).view({side, side});
}

TEST(Frechet, GaussiansThatAreScaledAndMoved) {
  // |mu|^2 + d (1 - s)^2 for N(0, I) and N(mu, s^2 I).
  const auto zero = torch::zeros({3}, torch::kFloat64), identity = torch::eye(3, torch::kFloat64);
  const auto moved = torch::tensor({1.0, -2.0, 0.5}, torch::kFloat64);
  EXPECT_NEAR(frechet_distance(zero, identity, moved, 9 * identity), 5.25 + 3 * 4, 1e-9);
  EXPECT_NEAR(frechet_distance(moved, identity, moved, identity), 0, 1e-9);
}

TEST(Frechet, CovariancesThatDoNotCommute) {
  // For 2 x 2, tr (AB)^(1/2) = sqrt(tr AB + 2 sqrt(det AB)); here tr AB = 10, det AB = 12.
  const auto zero = torch::zeros({2}, torch::kFloat64);
  const double expected = 4 + 5 - 2 * std::sqrt(10 + 2 * std::sqrt(12.0));
  const auto a = matrix({2, 1, 1, 2}, 2), b = matrix({1, 0, 0, 4}, 2);
  EXPECT_NEAR(frechet_distance(zero, a, zero, b), expected, 1e-9);
  EXPECT_NEAR(frechet_distance(zero, b, zero, a), expected, 1e-9);
}

TEST(Frechet, SamplesComeNearTheTruth) {
  const auto a = NoiseStream(1).normal({20000, 2}), b = 2 * NoiseStream(2).normal({20000, 2}) + 1;
  EXPECT_NEAR(frechet_distance(a, b), 2 + 2, 0.1);
  EXPECT_NEAR(frechet_distance(a, a), 0, 1e-9);
}

TEST(Frechet, FewSamplesAreNoFault) {
  const auto one = torch::zeros({1, 4}), other = torch::ones({1, 4});
  EXPECT_NEAR(frechet_distance(one, other), 4, 1e-9);
  EXPECT_THROW(frechet_distance(one, torch::ones({1, 3})), Error);
  EXPECT_THROW(frechet_distance(one, torch::ones({0, 4})), Error);
}

}  // namespace
}  // namespace kizu::quality
