#include "anomaly/reweighting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomaly/blending.h"
#include "anomaly/masked_loss.h"
#include "diffusion/ddim.h"
#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

/// [2, 1, 8, 8]: a 3x4 rectangle, and nothing.
torch::Tensor two_masks() {
  auto mask = torch::zeros({2, 1, 8, 8});
  mask[0][0].slice(0, 2, 5).slice(1, 1, 5).fill_(1);
  return mask;
}

torch::Tensor noise(uint64_t seed) {
  return NoiseStream(seed).normal({2, 4, 8, 8});
}

TEST(PaperMap, AveragesOneOverTheMaskAndFavoursWhatDiffersLeast) {
  const auto mask = two_masks(), y = noise(1), x_0 = noise(2);
  for (const auto& options : {PaperMapOptions{}, PaperMapOptions{true, 0, 1}, PaperMapOptions{false, 0, 0}}) {
    const auto map = paper_weight_map(x_0, y, mask, options);
    EXPECT_EQ(map.sizes(), mask.sizes());
    EXPECT_NEAR((map * mask)[0].sum().item<double>(), 12, 1e-4);
    EXPECT_TRUE(torch::equal(map[1], torch::ones_like(map[1]))) << "a row with an empty mask";
    EXPECT_TRUE((map[0].masked_select(mask[0] == 0) == options.outside).all().item<bool>());
    const auto d = (y - x_0).square().sum(1, true)[0].masked_select(mask[0] > 0);
    const auto inside = map[0].masked_select(mask[0] > 0);
    EXPECT_EQ(d.argmin().item<int64_t>(), inside.argmax().item<int64_t>());
  }
}

TEST(PaperMap, CellsWithoutAnyDifferenceAreLeftOut) {
  const auto mask = two_masks(), y = noise(1);
  auto x_0 = noise(2);
  x_0.slice(2, 2, 3).copy_(y.slice(2, 2, 3));  // a row of the mask is untouched
  const auto map = paper_weight_map(x_0, y, mask, PaperMapOptions::literal());
  EXPECT_FALSE(map.isnan().any().item<bool>());
  EXPECT_EQ(map[0][0][2].slice(0, 1, 5).sum().item<float>(), 0);
  EXPECT_NEAR(map[0].sum().item<double>(), 12, 1e-4);
  EXPECT_TRUE(torch::equal(paper_weight_map(y, y, mask), torch::ones_like(mask)));
}

TEST(ReferenceMap, IsClippedAndOneOutside) {
  const auto mask = two_masks();
  const auto map = reference_weight_map(noise(3), noise(4), mask);
  EXPECT_GE(map.min().item<float>(), 1);
  EXPECT_LE(map.max().item<float>(), 1.5);
  EXPECT_GT(map.max().item<float>(), 1);
  EXPECT_TRUE(((map == 1) | (mask > 0)).all().item<bool>());
  EXPECT_TRUE(torch::equal(map[1], torch::ones_like(map[1])));
}

TEST(TokenColumns, RangesAndFirst) {
  const auto ranges = torch::tensor({{2.0, 4.0}, {3.0, 9.0}});
  EXPECT_TRUE(torch::equal(token_columns(ranges, 5, false),
                           torch::tensor({{0, 0, 1, 1, 0}, {0, 0, 0, 1, 1}}).to(torch::kBool)));
  EXPECT_TRUE(torch::equal(token_columns(ranges, 5, true),
                           torch::tensor({{1, 0, 1, 1, 0}, {1, 0, 0, 1, 1}}).to(torch::kBool)));
}

TEST(Reweighting, LooksAtWhatItsModeSays) {
  const auto mask = two_masks(), z_0 = noise(1);
  diffusion::SamplerState state;
  state.step.t = 21;  // no dilation yet
  state.x_t = noise(2);
  Reweighting off(ReweightMode::kOff, z_0, mask), paper(ReweightMode::kPaper, z_0, mask),
      reference(ReweightMode::kReference, z_0, mask);
  for (auto* r : {&off, &paper, &reference}) r->before_step(state);
  EXPECT_FALSE(off.map().defined());
  EXPECT_FALSE(paper.map().defined()) << "no x_0 has been predicted yet";
  EXPECT_TRUE(torch::equal(reference.map(), reference_weight_map(state.x_t, z_0, mask)));
  state.x_0 = noise(3);
  paper.before_step(state);
  EXPECT_TRUE(torch::equal(paper.map(), paper_weight_map(state.x_0, z_0, mask)));
}

TEST(Dilation, RadiiOfThePublishedCode) {
  EXPECT_EQ(reference_dilation(21, 200), 0);
  EXPECT_EQ(reference_dilation(26, 200), 1);
  EXPECT_EQ(reference_dilation(151, 200), 2);
  EXPECT_EQ(reference_dilation(901, 200), 8);
  EXPECT_EQ(reference_dilation(1, 50), 1);
  EXPECT_EQ(reference_dilation(966, 50), 17);
}

TEST(Blending, KeepsTheKnownLatentOutsideTheMask) {
  const auto mask = two_masks(), z_0 = noise(1);
  const diffusion::Schedule schedule;
  const diffusion::Denoiser denoise = [](const torch::Tensor& x, const torch::Tensor&) { return x.tanh(); };
  const Blending blending(z_0, mask, schedule, diffusion::noise_per_image({1, 2}, "known"));
  std::vector<torch::Tensor> outside;
  diffusion::Attachments attached;
  attached.before_step = diffusion::in_order(
      {blending.hook(), [&](diffusion::SamplerState& state) {
         const auto expected = diffusion::q_sample(
             schedule, z_0, diffusion::noise_per_image({1, 2}, "known")(state.step.index, z_0.sizes()),
             diffusion::batch_of(state.step.t, z_0));
         outside.push_back(((state.x_t - expected) * (1 - mask)).abs().max());
       }});
  const auto x = blending.finish(diffusion::ddim(denoise, schedule, noise(2), {5}, attached));
  ASSERT_EQ(outside.size(), 5u);
  for (const auto& difference : outside) EXPECT_EQ(difference.item<float>(), 0);
  EXPECT_TRUE(torch::equal(x * (1 - mask), z_0 * (1 - mask)));
  EXPECT_FALSE(torch::allclose(x * mask, z_0 * mask));
}

TEST(LatentMask, CoverageLosesNoDefect) {
  for (int64_t at = 0; at < 64; at += 5) {
    auto line = torch::zeros({1, 1, 64, 64});
    line.slice(3, at, at + 1).fill_(1);
    EXPECT_EQ(latent_mask(line, 8, 8, MaskResize::kCoverage).sum().item<float>(), 8) << at;
  }
  auto line = torch::zeros({1, 1, 64, 64});
  line.slice(3, 16, 17).fill_(1);
  EXPECT_EQ(latent_mask(line, 8, 8, MaskResize::kReference).sum().item<float>(), 0)
      << "as the reference loses it";
}

TEST(MaskedLoss, ASmallDefectWeighsAsMuchAsALargeOne) {
  auto small = torch::zeros({1, 1, 8, 8}), large = torch::zeros({1, 1, 8, 8});
  small.slice(2, 0, 1).slice(3, 0, 2).fill_(1);
  large.slice(2, 0, 4).fill_(1);
  const auto predicted = torch::full({1, 4, 8, 8}, 3.0), target = torch::ones({1, 4, 8, 8});
  EXPECT_NEAR(masked_loss(predicted, target, small).item<double>(), 4, 1e-5);
  EXPECT_NEAR(masked_loss(predicted, target, large).item<double>(), 4, 1e-5);
  EXPECT_NEAR(masked_loss(predicted, target, small, {false, 0}).item<double>(), 4.0 * 2 / 64, 1e-6);
  EXPECT_NEAR(masked_loss(predicted, target, small, {true, 0.1}).item<double>(), 4.4, 1e-5);
  EXPECT_EQ(masked_loss(predicted, target, torch::zeros({1, 1, 8, 8})).item<double>(), 0);
  EXPECT_NEAR(masked_loss(predicted, target, {}).item<double>(), 4, 1e-6);
}

TEST(Reweighting, CanCompareDecodedPictures) {
  const auto z_0 = NoiseStream(1).normal({2, 4, 4, 4}), x_0 = NoiseStream(2).normal({2, 4, 4, 4});
  auto mask = torch::zeros({2, 1, 4, 4});
  mask.slice(2, 1, 3).fill_(1);
  const auto enlarged = [](const torch::Tensor& latent) {
    return torch::upsample_nearest2d(latent, at::OptionalIntArrayRef(), std::vector<double>{8, 8});
  };
  for (const auto& options : {PaperMapOptions(), PaperMapOptions::literal()}) {
    Reweighting latents(ReweightMode::kPaper, z_0, mask, false, options);
    Reweighting pictures(ReweightMode::kPaper, z_0, mask, false, options,
                         {enlarged, enlarged(z_0), enlarged(mask)});
    diffusion::SamplerState state;
    state.x_0 = x_0;
    latents.before_step(state);
    pictures.before_step(state);
    EXPECT_TRUE(torch::allclose(latents.map(), pictures.map(), 1e-4, 1e-5));
    EXPECT_GT((latents.map() - 1).abs().max().item<float>(), 0.1);
  }
}

}  // namespace
}  // namespace kizu::anomaly
