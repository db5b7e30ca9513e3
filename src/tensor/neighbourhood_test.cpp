#include "tensor/neighbourhood.h"

#include <gtest/gtest.h>

#include "tensor/noise.h"

namespace kizu {
namespace {

TEST(Neighbourhood, IsThatOfTheWholeSquare) {
  const auto picture = NoiseStream(1).normal({2, 3, 11, 17}).abs();
  for (const int64_t radius : {1, 2, 5}) {
    const int64_t side = 2 * radius + 1;
    EXPECT_TRUE(torch::equal(dilate(picture, radius), torch::max_pool2d(picture, side, 1, radius)));
    const auto mean = torch::avg_pool2d(picture, side, 1, radius, false, /*count_include_pad=*/false);
    EXPECT_LT((mean_near(picture, radius) - mean).abs().max().item<double>(), 1e-6) << radius;
  }
}

TEST(Neighbourhood, OfRadiusZeroIsTheCellItself) {
  const auto picture = NoiseStream(2).normal({1, 5, 4});
  EXPECT_TRUE(torch::equal(dilate(picture, 0), picture));
  EXPECT_TRUE(torch::equal(mean_near(picture, 0), picture));
}

}  // namespace
}  // namespace kizu
