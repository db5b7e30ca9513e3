#include "tensor/noise.h"

#include <gtest/gtest.h>

#include <set>

#include "tensor/initialise.h"

namespace kizu {
namespace {

TEST(NoiseStream, BitsAreSplitmix64) {
  // The first outputs of the reference implementation (Vigna) for the seed 0.
  NoiseStream stream(0);
  EXPECT_EQ(stream.bits(), 0xE220A8397B1DCDAFull);
  EXPECT_EQ(stream.bits(), 0x6E789E6AA1B965F4ull);
  EXPECT_EQ(stream.bits(), 0x06C45D188009454Full);
}

TEST(NoiseStream, DependsOnItsSeedAlone) {
  const auto first = NoiseStream(7).normal({3, 5});
  EXPECT_TRUE(first.equal(NoiseStream(7).normal({3, 5})));
  EXPECT_FALSE(first.equal(NoiseStream(8).normal({3, 5})));
  // The shape only arranges the values, save the last one of an odd count, which has no partner.
  EXPECT_TRUE(first.flatten().slice(0, 0, 14).equal(NoiseStream(7).normal({16}).slice(0, 0, 14)));
}

TEST(NoiseStream, NormalsAreStandard) {
  const auto values = NoiseStream(1).normal({100000}).to(torch::kFloat64);
  EXPECT_NEAR(values.mean().item<double>(), 0, 0.013);  // four standard errors
  EXPECT_NEAR(values.var().item<double>(), 1, 0.018);
  EXPECT_NEAR(values.pow(3).mean().item<double>(), 0, 0.05);
  EXPECT_NEAR(values.pow(4).mean().item<double>(), 3, 0.13);
  const auto lagged = (values.slice(0, 1) * values.slice(0, 0, -1)).mean().item<double>();
  EXPECT_NEAR(lagged, 0, 0.013) << "the two normals of a Box-Muller pair hang together";
  EXPECT_TRUE(values.isfinite().all().item<bool>());
}

TEST(NoiseStream, UniformNumbersStayInTheirRange) {
  NoiseStream stream(2);
  std::set<int64_t> seen;
  for (int i = 0; i < 1000; i++) {
    const double u = stream.uniform(-2, 3);
    ASSERT_TRUE(u >= -2 && u < 3);
    seen.insert(stream.below(5));
  }
  EXPECT_EQ(seen, (std::set<int64_t>{0, 1, 2, 3, 4}));
  const auto values = NoiseStream(3).uniform_tensor({20000});
  EXPECT_GE(values.min().item<double>(), 0);
  EXPECT_LT(values.max().item<double>(), 1);
  EXPECT_NEAR(values.mean().item<double>(), 0.5, 0.01);
}

TEST(Mix, DiffersBySeedNameAndIndex) {
  std::set<uint64_t> seeds;
  for (uint64_t seed = 0; seed < 10; seed++) {
    for (const char* name : {"", "pair", "mask", "pair "}) {
      for (uint64_t index = 0; index < 250; index++) seeds.insert(mix(seed, name, index));
    }
  }
  EXPECT_EQ(seeds.size(), 10000u);
  EXPECT_EQ(mix(4, "pair", 17), mix(4, "pair", 17));
  EXPECT_EQ(mix(4, "pair"), mix(4, "pair", 0));
}

TEST(Mix, NeighbouringSeedsGiveUnrelatedStreams) {
  const auto a = NoiseStream(mix(1, "eps", 0)).normal({20000});
  const auto b = NoiseStream(mix(1, "eps", 1)).normal({20000});
  EXPECT_NEAR((a * b).mean().item<double>(), 0, 0.03);
}

TEST(Initialise, DrawsWeightsFromTheSeedAndZeroesBiases) {
  const auto make = [](uint64_t seed) {
    torch::nn::Sequential net(torch::nn::Linear(16, 100), torch::nn::LayerNorm(std::vector<int64_t>{100}),
                              torch::nn::Linear(100, 4));
    const torch::NoGradGuard no_grad;
    net[2]->as<torch::nn::Linear>()->weight.zero_();
    initialise(*net, seed, 2);
    return net;
  };
  auto net = make(5), same = make(5), other = make(6);
  const auto weight = net[0]->as<torch::nn::Linear>()->weight;
  EXPECT_TRUE(weight.equal(same[0]->as<torch::nn::Linear>()->weight));
  EXPECT_FALSE(weight.equal(other[0]->as<torch::nn::Linear>()->weight));
  EXPECT_LE(weight.abs().max().item<double>(), 0.5);  // gain / sqrt(fan_in) = 2 / 4
  EXPECT_GT(weight.abs().max().item<double>(), 0.49);
  EXPECT_EQ(net[0]->as<torch::nn::Linear>()->bias.count_nonzero().item<int64_t>(), 0);
  EXPECT_TRUE(net[1]->as<torch::nn::LayerNorm>()->weight.equal(torch::ones({100})));
  EXPECT_EQ(net[2]->as<torch::nn::Linear>()->weight.count_nonzero().item<int64_t>(), 0) << "zero on purpose";
}

}  // namespace
}  // namespace kizu
