#include "inspection/poisson.h"

#include <gtest/gtest.h>

#include "inspection/crop_paste.h"

namespace kizu::inspection {
namespace {

torch::Tensor disc(int64_t side, double x, double y, double radius) {
  const auto row = torch::arange(side, torch::kFloat32);
  const auto distance = (row.unsqueeze(0) - x).square() + (row.unsqueeze(1) - y).square();
  return (distance < radius * radius).to(torch::kFloat32).unsqueeze(0);
}

// x^2 - y^2 and x * y solve Laplace's equation on the grid exactly.
TEST(Membrane, FindsHarmonicFunctionsInARegionOfAnyShape) {
  constexpr int64_t kSide = 97;
  const auto row = torch::arange(kSide, torch::kFloat32) / kSide;
  const auto x = row.unsqueeze(0).expand({kSide, kSide}), y = row.unsqueeze(1).expand({kSide, kSide});
  const auto truth = torch::stack({x * x - y * y, x * y});
  const auto region =
      torch::maximum(disc(kSide, 40, 45, 30), disc(kSide, 70, 60, 12)) - disc(kSide, 42, 40, 8);
  const auto found = membrane(truth * (1 - region), region);
  EXPECT_LT((found - truth).abs().max().item<double>(), 0.01);
  EXPECT_EQ(((found - truth) * (1 - region)).abs().max().item<double>(), 0);
}

TEST(Membrane, TakesAConstantUpToTheBorderOfThePicture) {
  auto region = torch::zeros({1, 31, 33});
  region.slice(2, 0, 20).fill_(1);
  const auto found = membrane(torch::full({3, 31, 33}, 0.4), region);
  EXPECT_LT((found - 0.4).abs().max().item<double>(), 1e-3);
  EXPECT_EQ(membrane(torch::ones({1, 8, 8}), torch::ones({1, 8, 8})).abs().max().item<double>(), 0);
}

// A shot that is brighter as a whole, its defect darker than its surroundings by 0.3.
TEST(CropPastePoisson, CarriesTheDefectButNotTheLightOfTheShot) {
  const auto mask = disc(64, 30, 34, 7);
  const auto shot = (torch::full({3, 64, 64}, 0.8) - 0.3 * mask).mul(255).round().to(torch::kUInt8);
  const auto good = torch::full({3, 64, 64}, 0.5);
  PasteOptions options;
  options.contrast = 0;
  options.blend = Blend::kPoisson;
  NoiseStream random(4);
  const auto sample = crop_paste(good, {32, 32}, shot, mask.to(torch::kUInt8), options, random);
  const auto difference = sample.image - good;
  const auto inside = sample.mask.expand({3, 64, 64}) > 0.5;
  EXPECT_NEAR(difference.masked_select(inside).mean().item<double>(), -0.3, 0.03);
  const auto far = torch::max_pool2d(sample.mask, {9, 9}, {1, 1}, {4, 4}).expand({3, 64, 64}) < 0.5;
  EXPECT_EQ(difference.masked_select(far).abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace kizu::inspection
