#include "layers/convolution.h"

#include <gtest/gtest.h>

#include "layers/doubling_convolution.h"
#include "layers/exact.h"
#include "layers/group_norm.h"
#include "layers/linear.h"

namespace kizu::layers {
namespace {

namespace nn = torch::nn;

/// What a call gives with torch's own operators.
template <class Call>
torch::Tensor exactly(Call call) {
  const Exact scope;
  return call();
}

void expect_close(const torch::Tensor& fast, const torch::Tensor& exact, const std::string& what) {
  ASSERT_EQ(fast.sizes(), exact.sizes()) << what;
  EXPECT_TRUE(torch::allclose(fast, exact, 1e-5, 1e-5))
      << what << ": " << (fast - exact).abs().max().item<float>();
}

TEST(Convolution, IsThatOfTorch) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  for (const auto& [in, out, kernel, stride, padding] :
       std::vector<std::array<int64_t, 5>>{{3, 8, 3, 1, 1},
                                           {64, 96, 3, 1, 1},
                                           {5, 7, 3, 2, 1},
                                           {8, 33, 3, 2, 0},
                                           {48, 4, 1, 1, 0},
                                           {6, 6, 5, 1, 2},
                                           {4, 4, 1, 2, 1}}) {
    Conv2d conv(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding));
    const auto x = torch::randn({2, in, 9, 14});
    const auto fast = conv(x), exact = exactly([&] { return conv(x); });
    const auto what = std::to_string(in) + " -> " + std::to_string(out);
    expect_close(fast, exact, what);
    EXPECT_TRUE(fast.is_contiguous(torch::MemoryFormat::ChannelsLast));
    const auto sum = torch::randn_like(exact);
    expect_close(conv->add_to(sum, x), sum + exact, what + " added");
    expect_close(conv(x.transpose(2, 3)), exactly([&] { return conv(x.transpose(2, 3)); }),
                 what + " transposed");
  }
}

TEST(DoublingConvolution, IsTheConvolutionOfTheDoubledMap) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  DoublingConv2d conv(24, 40);
  const auto x = torch::randn({2, 24, 5, 8});
  const auto doubled = torch::upsample_nearest2d(x, {10, 16});
  const auto wanted = torch::conv2d(doubled, conv->weight, conv->bias, 1, 1);
  expect_close(conv(x), wanted, "fast");
  expect_close(exactly([&] { return conv(x); }), wanted, "exact");
  EXPECT_TRUE(conv(x).is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST(Convolution, UsesItsWeightsAsTheyAreNow) {
  const torch::NoGradGuard no_grad;
  Conv2d conv(4, 4, 3);
  const auto x = torch::randn({1, 4, 8, 8}), before = conv(x);
  conv->weight.mul_(2);
  expect_close(conv(x), exactly([&] { return conv(x); }), "changed in place");
  conv->bias.add_(1);
  expect_close(conv(x), exactly([&] { return conv(x); }), "changed bias");
  conv->weight.set_data(torch::randn_like(conv->weight));
  expect_close(conv(x), exactly([&] { return conv(x); }), "changed data");
  EXPECT_FALSE(conv(x).allclose(before));
}

TEST(Convolution, IsTorchsOwnWhereGradientsAreRecorded) {
  Conv2d conv(nn::Conv2dOptions(4, 4, 3).padding(1));
  const auto x = torch::randn({1, 4, 8, 8}).set_requires_grad(true);
  conv(x).sum().backward();
  EXPECT_TRUE(x.grad().defined());
  EXPECT_TRUE(conv->weight.grad().defined());
}

TEST(Linear, IsThatOfTorch) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  for (const bool bias : {false, true}) {
    Linear linear(nn::LinearOptions(40, 70).bias(bias));
    for (const auto& shape : std::vector<std::vector<int64_t>>{{40}, {3, 40}, {2, 77, 40}, {2, 3, 4, 40}}) {
      const auto x = torch::randn(shape), exact = exactly([&] { return linear(x); });
      expect_close(linear(x), exact, "linear");
      expect_close(linear->add_to(torch::ones_like(exact), x), exact + 1, "linear added");
    }
    const auto turned = torch::randn({40, 9}).t();
    expect_close(linear(turned), exactly([&] { return linear(turned); }), "of a transposed matrix");
  }
}

TEST(Linear, RemembersAFixedInputUntilItOrTheWeightsChange) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  Linear linear(12, 5);
  const auto x = torch::randn({2, 7, 12});
  const auto first = linear->of_fixed(x);
  EXPECT_TRUE(linear->of_fixed(x).is_same(first));
  EXPECT_TRUE(first.equal(linear(x)));
  x.mul_(2);
  EXPECT_TRUE(linear->of_fixed(x).equal(linear(x)));
  linear->weight.add_(1);
  EXPECT_TRUE(linear->of_fixed(x).equal(linear(x)));
  EXPECT_EQ(linear->of_fixed(x.slice(0, 1)).sizes(), (std::vector<int64_t>{1, 7, 5}));
  for (int64_t i = 0; i < 9; ++i) EXPECT_TRUE(linear->of_fixed(x + i).equal(linear(x + i)));
  const Exact scope;
  EXPECT_FALSE(linear->of_fixed(x).is_same(linear->of_fixed(x)));
}

TEST(Geglu, IsValueTimesGeluOfTheGate) {
  const torch::NoGradGuard no_grad;
  const auto x = 3 * torch::randn({2, 37, 2 * 45});
  expect_close(geglu(x), exactly([&] { return geglu(x); }), "geglu");
}

TEST(GroupNorm, IsThatOfTorch) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  for (const auto& [groups, channels] :
       std::vector<std::array<int64_t, 2>>{{32, 320}, {8, 48}, {32, 32}, {1, 5}}) {
    GroupNorm norm(groups, channels);
    GroupNormSiLU with_silu(groups, channels);
    norm->weight.copy_(torch::randn({channels}));
    norm->bias.copy_(torch::randn({channels}));
    const auto x = 2 * torch::randn({2, channels, 7, 13}) + torch::randn({1, channels, 1, 1});
    expect_close(norm(x), exactly([&] { return norm(x); }), "norm");
    expect_close(with_silu(x), exactly([&] { return with_silu(x); }), "norm and SiLU");
  }
}

TEST(GroupNorm, KeepsItsDigitsFarFromZero) {
  const torch::NoGradGuard no_grad;
  GroupNorm norm(4, 16);
  const auto x = torch::randn({1, 16, 32, 32}, torch::kFloat64);
  const auto exact = torch::group_norm(x, 4), shifted = norm((x + 1000).to(torch::kFloat32));
  EXPECT_LT((shifted - exact).abs().max().item<double>(), 1e-3);  // float32 itself keeps 6e-5 of x
}

}  // namespace
}  // namespace kizu::layers
