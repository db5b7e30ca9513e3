#include "inspection/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "inspection/learning_rate.h"
#include "inspection/score_map.h"

namespace kizu::inspection {
namespace {

TEST(FocalLoss, IsTheFormulaOnOnePixel) {
  const auto p = torch::tensor({0.7f, 0.3f}).view({1, 2, 1, 1});
  FocalOptions plain;
  plain.smooth = 0;
  const double expected = -std::pow(1 - 0.3, 2) * std::log(0.3);
  EXPECT_NEAR(focal_loss(p, torch::ones({1, 1, 1, 1}), plain).item<double>(), expected, 1e-6);
  EXPECT_NEAR(focal_loss(p, torch::full({1, 1, 1, 1}, 0.99), plain).item<double>(),
              -std::pow(0.3, 2) * std::log(0.7), 1e-6);
}

TEST(Dice, IsZeroForAPerfectMapAndNearOneForTheOpposite) {
  auto target = torch::zeros({1, 8, 8});
  target.slice(1, 0, 4).fill_(1);
  EXPECT_NEAR(soft_dice_loss(target, target).item<double>(), 0, 1e-6);
  EXPECT_GT(soft_dice_loss(1 - target, target).item<double>(), 0.95);
  EXPECT_NEAR(soft_dice_loss(torch::zeros({1, 8, 8}), torch::zeros({1, 8, 8})).item<double>(), 0, 1e-6);
}

TEST(Ssim, EqualPicturesAreAlike) {
  const auto a = torch::rand({1, 3, 16, 16});
  EXPECT_NEAR(ssim_loss(a, a).item<double>(), 0, 1e-5);
  EXPECT_GT(ssim_loss(a, 1 - a).item<double>(), 0.5);
}

TEST(LearningRate, AMilestoneThatIsNoWholeNumberNeverHappensInTheReference) {
  EXPECT_DOUBLE_EQ(reference_rate(1, 0.2, 4, 5), 0.2);  // 0.9 * 5 = 4.5 is skipped
  EXPECT_DOUBLE_EQ(milestone_rate(1, 0.2, 4, 5), 0.2);
  EXPECT_DOUBLE_EQ(reference_rate(1, 0.2, 6, 7), 1);
  EXPECT_DOUBLE_EQ(milestone_rate(1, 0.2, 6, 7), 0.2);
  EXPECT_NEAR(milestone_rate(1, 0.2, 9, 10), 0.04, 1e-15);
}

TEST(ImageScore, PaddingLowersTheReferenceScoreAtTheBorderOnly) {
  auto map = torch::zeros({1, 64, 64});
  map.slice(1, 0, 11).slice(2, 0, 11).fill_(1);
  EXPECT_NEAR(image_scores(map, ImageScore::reference()).item<double>(), 121.0 / 441, 1e-6);
  EXPECT_NEAR(image_scores(map, {21, false}).item<double>(), 1, 1e-6);
}

TEST(ImageScore, TheWindowFollowsThePhoto) {
  EXPECT_EQ(ImageScore::improved(256, 400).window, 21);
  EXPECT_EQ(ImageScore::improved(1024, 1024).window, 85);
  EXPECT_EQ(ImageScore::improved(1, 1).window, 1);
}

}  // namespace
}  // namespace kizu::inspection
