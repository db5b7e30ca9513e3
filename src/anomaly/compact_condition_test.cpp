#include "anomaly/compact_condition.h"

#include <gtest/gtest.h>

#include "ldm/tiny_model.h"

namespace kizu::anomaly {
namespace {

ldm::CompactModel base() {
  auto model = ldm::CompactModel::create(ldm::tiny_config(), 2);
  ldm::stir(model);
  model.train(false);
  return model;
}

torch::Tensor box_mask(int64_t y, int64_t x, int64_t height, int64_t width) {
  auto mask = torch::zeros({1, 1, 128, 128});
  mask.slice(2, y, y + height).slice(3, x, x + width).fill_(1);
  return mask;
}

TEST(CompactCondition, ScheduleIsTheOneOfTheConfiguration) {
  auto config = ldm::tiny_config();
  config.linear_end = 0.02;
  config.timesteps = 500;
  const auto schedule = schedule_of(config);
  EXPECT_EQ(schedule.steps(), 500);
  EXPECT_NEAR(schedule.beta().front(), 0.0015, 1e-9);
  EXPECT_NEAR(schedule.beta().back(), 0.02, 1e-9);
}

TEST(CompactCondition, KnownLatentsLeaveOutTheDefectAndItsNeighbours) {
  const auto mask = box_mask(40, 56, 1, 9);  // touches row 5, columns 7 and 8
  auto expected = torch::ones({1, 1, 16, 16});
  expected.slice(2, 4, 7).slice(3, 6, 10).zero_();
  EXPECT_TRUE(known_latents(mask, Background::kOutside).equal(expected));
  EXPECT_TRUE(known_latents(mask, Background::kWhole).equal(torch::ones({1, 1, 16, 16})));
  EXPECT_TRUE(known_latents(mask * 0, Background::kOutside).equal(torch::ones({1, 1, 16, 16})));
}

TEST(CompactCondition, HidesTheUnknownAndPutsAppearanceBeforePlace) {
  const torch::NoGradGuard no_grad;
  auto model = base();
  const auto mask = torch::cat({box_mask(8, 8, 20, 20), box_mask(80, 30, 4, 4)});
  const auto known = known_latents(mask, Background::kOutside);
  const auto good = NoiseStream(1).normal({2, 4, 16, 16});
  const auto tokens = NoiseStream(2).normal({1, 2, 16});
  const auto given = condition(model, good, mask, tokens, known);
  EXPECT_EQ((given.background * (1 - known)).count_nonzero().item<int64_t>(), 0);
  EXPECT_TRUE((given.background * known).equal(good * known));
  EXPECT_TRUE(given.mask.equal(ldm::mask_channels(mask)));
  EXPECT_EQ(given.context.sizes(), (std::vector<int64_t>{2, 18, 16}));
  EXPECT_TRUE(given.context.slice(1, 0, 2).equal(tokens.expand({2, -1, -1})));
  EXPECT_TRUE(given.context.slice(1, 2).equal(model.spatial->forward(mask)));
}

// A new U-Net predicts v = 0, so that with x_0 = 0 the error is abar eps^2, which the noise decides.
TEST(VLoss, WeighsEachSampleAlikeWhateverTheSizeOfItsDefect) {
  const torch::NoGradGuard no_grad;
  auto model = ldm::CompactModel::create(ldm::tiny_config(), 2);
  const auto schedule = schedule_of(model.config);
  const auto mask = torch::cat({box_mask(64, 64, 1, 1), box_mask(8, 8, 100, 110), box_mask(0, 0, 0, 0)});
  const auto touched = ldm::touched_latents(mask, 1);
  const auto x_0 = torch::zeros({3, 4, 16, 16});
  const auto given = condition(model, x_0, mask, torch::zeros({1, 2, 16}), 1 - touched);
  const auto t = torch::full({3}, 500, torch::kInt64);
  const double abar = schedule.alpha_bar()[500];

  const auto even =
      v_loss(model, schedule, x_0, mask, given, t, torch::ones_like(x_0), /*whole=*/0.25, /*inside=*/2);
  ASSERT_EQ(even.sizes(), (std::vector<int64_t>{3}));
  EXPECT_NEAR(even[0].item<double>(), 2.25 * abar, 1e-5);
  EXPECT_NEAR(even[1].item<double>(), 2.25 * abar, 1e-5);
  EXPECT_NEAR(even[2].item<double>(), 0.25 * abar, 1e-5) << "no defect, no loss inside";

  const auto only_inside = torch::ones_like(x_0) * touched;  // what is wrong is wrong inside alone
  const auto inside = v_loss(model, schedule, x_0, mask, given, t, only_inside, 0, 1);
  EXPECT_NEAR(inside[0].item<double>(), abar, 1e-5);
  EXPECT_NEAR(inside[1].item<double>(), abar, 1e-5);
  const auto outside =
      v_loss(model, schedule, x_0, mask, given, t, torch::ones_like(x_0) - only_inside, 0, 1);
  EXPECT_EQ(outside.abs().max().item<double>(), 0);
}

TEST(CompactDenoiser, GuidanceExtrapolatesFromTheNullAppearance) {
  const torch::NoGradGuard no_grad;
  auto model = base();
  const auto schedule = schedule_of(model.config);
  const auto mask = box_mask(30, 30, 40, 20);
  const auto known = known_latents(mask, Background::kOutside);
  const auto good = NoiseStream(1).normal({1, 4, 16, 16}), x_t = NoiseStream(3).normal({1, 4, 16, 16});
  const auto t = torch::tensor({600}, torch::kInt64);
  const auto named = condition(model, good, mask, NoiseStream(2).normal({1, 2, 16}), known);
  const auto nameless = condition(model, good, mask, model.appearance->null_tokens(), known);
  const auto eps_of = [&](const ldm::CompactCondition& given) {
    return diffusion::eps_from_v(schedule, x_t, model.unet->forward(x_t, t, given), t);
  };
  const auto with = eps_of(named), without = eps_of(nameless);
  ASSERT_GT((with - without).abs().max().item<double>(), 1e-4);
  EXPECT_TRUE(compact_denoiser(model, named)(x_t, t).equal(with));
  EXPECT_TRUE(compact_denoiser(model, named, 1)(x_t, t).equal(with));
  EXPECT_TRUE(compact_denoiser(model, named, 0)(x_t, t).allclose(without, 1e-4, 1e-5));
  EXPECT_TRUE(compact_denoiser(model, named, 3)(x_t, t).allclose(without + 3 * (with - without), 1e-4, 1e-5));
}

TEST(CompactDenoiser, ReadsTheAttentionMapAtEveryCall) {
  const torch::NoGradGuard no_grad;
  auto model = base();
  const auto mask = box_mask(30, 30, 40, 20);
  const auto known = known_latents(mask, Background::kOutside);
  const auto x_t = NoiseStream(3).normal({1, 4, 16, 16});
  const auto t = torch::tensor({600}, torch::kInt64);
  const auto given = condition(model, x_t, mask, NoiseStream(2).normal({1, 2, 16}), known);
  ldm::AttentionMap map{torch::ones({1, 1, 16, 16}), 0, 2, false};
  const auto denoise = compact_denoiser(model, given, 1, &map);
  const auto plain = denoise(x_t, t);
  EXPECT_TRUE(plain.equal(compact_denoiser(model, given)(x_t, t)));
  map.weights = torch::full({1, 1, 16, 16}, 4.0F);
  EXPECT_GT((denoise(x_t, t) - plain).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace kizu::anomaly
