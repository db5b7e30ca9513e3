#include "inspection/losses.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

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

TEST(BalancedCrossEntropy, WeighsBothClassesAlikeHoweverRareOneIs) {
  auto target = torch::zeros({1, 1, 8, 8});
  target[0][0][3][3] = 1;
  auto logits = torch::zeros({1, 2, 8, 8});
  logits.select(1, 0).fill_(std::log(3.0));  // good with probability 3/4 everywhere
  const double expected = -(std::log(0.75) + std::log(0.25)) / 2;
  EXPECT_NEAR(balanced_cross_entropy(logits, target).item<double>(), expected, 1e-6);
  EXPECT_NEAR(balanced_cross_entropy(logits, torch::zeros_like(target)).item<double>(), -std::log(0.75),
              1e-6);
}

TEST(BalancedCrossEntropy, PullsAtARareDefectThatTheOtherLossesGaveUp) {
  auto target = torch::zeros({1, 1, 64, 64});
  target[0][0][3][3] = 1;
  const auto pull = [&](const std::function<torch::Tensor(const torch::Tensor&)>& loss) {
    auto logits = torch::zeros({1, 2, 64, 64});
    logits.select(1, 0).fill_(12);  // sure that all is good
    logits.requires_grad_(true);
    loss(logits).backward();
    return std::abs(logits.grad()[0][1][3][3].item<double>());
  };
  EXPECT_GT(pull([&](const auto& x) { return balanced_cross_entropy(x, target); }), 0.4);
  EXPECT_LT(
      pull([&](const auto& x) { return soft_dice_loss(x.softmax(1).select(1, 1), target.select(1, 0)); }),
      1e-4);
}

TEST(LocalizerLoss, IsTheSumOfItsThreePartsAndSoIsItsGradient) {
  torch::manual_seed(3);
  auto some = (torch::rand({2, 1, 24, 17}) > 0.8).to(torch::kFloat32);
  for (const auto& truth : {some, torch::zeros_like(some), torch::ones_like(some)}) {
    for (const auto& [dice, balanced] : std::vector<std::pair<double, double>>{{0.5, 0.1}, {0, 0}, {2, 1}}) {
      for (const double spread : {0.1, 3.0, 30.0}) {
        const auto logits = (torch::randn({2, 2, 24, 17}) * spread).requires_grad_(true);
        const auto ours = localizer_loss(logits, truth, dice, balanced);
        const auto plain = localizer_loss_plain(logits, truth, dice, balanced);
        const double size = plain.item<double>();
        EXPECT_NEAR(ours.item<double>(), size, 1e-5 * (size + 0.1));
        const auto a = torch::autograd::grad({3 * ours}, {logits})[0];
        const auto b = torch::autograd::grad({3 * plain}, {logits})[0];
        EXPECT_LT((a - b).norm().item<double>(), 1e-4 * b.norm().item<double>() + 1e-9)
            << dice << " " << spread;
      }
    }
  }
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
  auto map = torch::zeros({2, 64, 64});
  map[0].slice(0, 0, 11).slice(1, 0, 11).fill_(1);
  map[1].slice(0, 20, 41).slice(1, 20, 41).fill_(1);
  const auto scores = reference_image_scores(map);
  EXPECT_NEAR(scores[0].item<double>(), 121.0 / 441, 1e-6);
  EXPECT_NEAR(scores[1].item<double>(), 1, 1e-6);
}

TEST(ImageScore, IsTheMeanOfTheHighestHalfPercentOfThePixels) {
  auto map = torch::full({2, 100, 200}, 0.25);
  map[0][0].slice(0, 0, 50).fill_(1);  // 50 of the 100 pixels that count
  EXPECT_NEAR(image_scores(map)[0].item<double>(), (1 + 0.25) / 2, 1e-6);
  EXPECT_NEAR(image_scores(map)[1].item<double>(), 0.25, 1e-6);
}

TEST(ImageScore, IsTheSameForAThinLineAsForASpotOfItsArea) {
  auto map = torch::zeros({2, 100, 100});
  map[0].slice(0, 50, 55).slice(1, 50, 60).fill_(0.75);
  map[1][30].slice(0, 20, 70).fill_(0.75);
  const auto scores = image_scores(map);
  EXPECT_NEAR(scores[0].item<double>(), 0.75, 1e-6);
  EXPECT_NEAR(scores[1].item<double>(), 0.75, 1e-6);
}

TEST(ImageScore, OfATinyMapIsItsHighestPixel) {
  EXPECT_NEAR(image_scores(torch::arange(6).view({1, 2, 3}) / 10.0).item<double>(), 0.5, 1e-6);
}

}  // namespace
}  // namespace kizu::inspection
