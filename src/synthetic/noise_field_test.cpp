#include "synthetic/noise_field.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kizu::synthetic {
namespace {

TEST(NoiseFieldTest, IsContinuousBoundedAndNotFlat) {
  const NoiseField noise(11);
  double sum = 0, squares = 0;
  const int n = 20000;
  for (int i = 0; i < n; i++) {
    const float x = 0.137f * static_cast<float>(i) - 900, y = 0.071f * static_cast<float>(i) - 300;
    const float g = noise.gradient(x, y);
    EXPECT_LE(std::abs(g), 1.5f);
    EXPECT_LE(std::abs(noise.value(x, y)), 1.0f);
    EXPECT_NEAR(g, noise.gradient(x + 1e-3f, y), 0.02f);
    sum += g;
    squares += g * g;
  }
  EXPECT_NEAR(sum / n, 0, 0.05);
  EXPECT_GT(squares / n, 0.05);
}

TEST(NoiseFieldTest, LatticePointsCarryTheirValues) {
  const NoiseField noise(3);
  EXPECT_FLOAT_EQ(noise.value(5, -7), 2 * noise.at(5, -7) - 1);
  EXPECT_FLOAT_EQ(noise.gradient(5, -7), 0);
}

TEST(NoiseFieldTest, SeedsDecide) {
  const NoiseField a(1), b(1), c(2);
  EXPECT_EQ(a.fractal(3.3f, 4.4f, 4), b.fractal(3.3f, 4.4f, 4));
  EXPECT_NE(a.fractal(3.3f, 4.4f, 4), c.fractal(3.3f, 4.4f, 4));
}

TEST(NoiseFieldTest, NearestCellIsNearest) {
  const NoiseField noise(5);
  for (int i = 0; i < 500; i++) {
    const auto cell = noise.cell(0.31f * static_cast<float>(i), -0.17f * static_cast<float>(i));
    EXPECT_LE(cell.nearest, cell.second);
    EXPECT_LT(cell.nearest, 1.5f);
    EXPECT_LT(cell.id, 256u);
  }
}

}  // namespace
}  // namespace kizu::synthetic
