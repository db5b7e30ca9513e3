#include "synthetic/composite.h"

#include <gtest/gtest.h>

#include "synthetic/flaw.h"

namespace kizu::synthetic {
namespace {

Appearance plain(int64_t batch, int64_t side, float colour, float alpha, float gain) {
  return {torch::full({batch, 3, side, side}, colour),
          torch::full({batch, 1, side, side}, alpha),
          torch::full({batch, 1, side, side}, gain),
          {}};
}

TEST(CompositeTest, GainThenCoverByHand) {
  const auto normal = torch::zeros({1, 3, 4, 4});  // 0.5 in 0..1
  const auto mask = torch::zeros({1, 1, 4, 4});
  mask[0][0][1][2] = 1;
  const auto flawed = composite(normal, plain(1, 4, 1.0f, 0.5f, -0.2f), mask);
  // 0.5 * 0.8 = 0.4; half covered by 1: 0.7 = 178.5 / 255, rounded to even.
  EXPECT_NEAR((flawed[0][0][1][2].item<float>() * 0.5f + 0.5f) * 255, 178.5f, 0.51f);
  EXPECT_EQ(flawed.ne(normal).sum().item<int64_t>(), 3);
}

TEST(CompositeTest, FlowFetchesFromThere) {
  const auto normal = torch::rand({1, 3, 8, 8}).mul(255).round().div(255).mul(2).sub(1);
  auto look = plain(1, 8, 0, 0, 0);
  look.flow = torch::zeros({1, 2, 8, 8});
  look.flow.select(1, 0).fill_(2);  // two pixels to the right
  const auto flawed = composite(normal, look, torch::ones({1, 1, 8, 8}));
  using torch::indexing::Slice;
  const auto moved = normal.index({Slice(), Slice(), Slice(), Slice(2, 8)});
  EXPECT_TRUE(torch::allclose(flawed.index({Slice(), Slice(), Slice(), Slice(0, 6)}), moved, 0, 5e-3));
}

TEST(CompositeTest, BatchEqualsOneByOne) {
  std::vector<torch::Tensor> normals, masks, flawed;
  std::vector<Appearance> looks;
  for (int k = 0; k < 3; k++) {
    normals.push_back(torch::rand({1, 3, 16, 16}) * 2 - 1);
    masks.push_back((torch::rand({1, 1, 16, 16}) > 0.5).to(torch::kFloat32));
    looks.push_back(
        {torch::rand({1, 3, 16, 16}), torch::rand({1, 1, 16, 16}), torch::rand({1, 1, 16, 16}) - 0.5, {}});
    flawed.push_back(composite(normals[k], looks[k], masks[k]));
  }
  const auto gather = [&](torch::Tensor Appearance::*field) {
    return torch::cat({looks[0].*field, looks[1].*field, looks[2].*field});
  };
  const Appearance all{
      gather(&Appearance::colour), gather(&Appearance::alpha), gather(&Appearance::gain), {}};
  EXPECT_TRUE(torch::equal(composite(torch::cat(normals), all, torch::cat(masks)), torch::cat(flawed)));
}

TEST(CompositeTest, JitterKeepsPairsEqualOutsideTheMask) {
  const auto normal = torch::rand({4, 3, 16, 16}) * 2 - 1;
  const auto mask = (torch::rand({4, 1, 16, 16}) > 0.7).to(torch::kFloat32);
  const auto flawed = composite(normal, plain(4, 16, 0.9f, 0.8f, 0.1f), mask);
  const auto jitter = draw_jitter(3, 4, 1.0, torch::kCPU);
  const auto a = apply_jitter(normal, jitter), b = apply_jitter(flawed, jitter);
  EXPECT_EQ(((a != b) & (mask < 0.5)).sum().item<int64_t>(), 0);
  EXPECT_GT((a - normal).abs().max().item<float>(), 0.01f);
  EXPECT_LE(a.abs().max().item<float>(), 1.0f);
  EXPECT_TRUE(torch::equal(apply_jitter(normal, draw_jitter(3, 4, 1.0, torch::kCPU)), a));
}

TEST(CompositeTest, SameOnCudaUpToRounding) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  const auto normal = torch::rand({2, 3, 32, 32}) * 2 - 1;
  const auto mask = (torch::rand({2, 1, 32, 32}) > 0.5).to(torch::kFloat32);
  const auto look = plain(2, 32, 0.3f, 0.6f, 0.2f);
  const Appearance there{look.colour.cuda(), look.alpha.cuda(), look.gain.cuda(), {}};
  const auto b = composite(normal.cuda(), there, mask.cuda()).cpu();
  // One 8-bit level, where the two devices round a half differently.
  EXPECT_TRUE(torch::allclose(composite(normal, look, mask), b, 0, 2.1 / 255));
}

}  // namespace
}  // namespace kizu::synthetic
