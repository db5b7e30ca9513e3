#include "ldm/compute_need.h"

#include <gtest/gtest.h>

namespace kizu::ldm {
namespace {

/// Stable Diffusion 1 at 512 x 512: 339 billion multiply-adds in convolutions and linear layers are reported
/// for its U-Net (Kim et al. 2023, BK-SDM, table 1), and the attention adds two products over all positions.
TEST(ComputeNeed, AgreesWithThePublishedCountOfStableDiffusion) {
  const auto config = LatentDiffusionConfig::sd1();
  const double self =
      2 * 5 * (320.0 * 4096 * 4096 + 640.0 * 1024 * 1024 + 1280.0 * 256 * 256) + 2 * 1280.0 * 64 * 64;
  const double cross = 2 * 77 * (5 * (320.0 * 4096 + 640.0 * 1024 + 1280.0 * 256) + 1280.0 * 64);
  EXPECT_NEAR(compute_need(config, 512, 512).unet, 339e9 + self + cross, 4e9);
}

TEST(ComputeNeed, ConvolutionsGrowWithThePixels) {
  const auto small = compute_need({}, 256, 256), large = compute_need({}, 512, 512);
  EXPECT_GT(large.unet, 4 * small.unet);
  EXPECT_NEAR(large.decode / small.decode, 4, 0.2);
  EXPECT_NEAR(large.encode / small.encode, 4, 0.2);
  EXPECT_EQ(large.text, small.text);
}

TEST(ComputeNeed, TextGoesOncePerTokenThroughItsWeights) {
  // 543 million weights, of which the two embedding tables and the biases are not multiplied.
  const double weights = 542895360.0 - 1280.0 * (30522 + 77);
  EXPECT_NEAR(compute_need({}, 256, 256).text, 77 * weights, 0.02 * 77 * weights);
}

}  // namespace
}  // namespace kizu::ldm
