#include "tensor/sharded.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

#include "tensor/adam.h"
#include "tensor/initialise.h"
#include "tensor/noise.h"

namespace kizu {
namespace {

struct Net : torch::nn::Module {
  Net() {
    conv = register_module("conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 8, 3).padding(1)));
    out = register_module("out", torch::nn::Linear(8 * 16 * 16, 5));
    unused = register_parameter("unused", torch::ones({2, 2}));
    scale = register_buffer("scale", torch::full({1}, 2.0F));
  }
  torch::Tensor loss(const torch::Tensor& x) {
    return (out(torch::silu(conv(x)).flatten(1)) * scale).square().mean();
  }
  torch::nn::Conv2d conv{nullptr};
  torch::nn::Linear out{nullptr};
  torch::Tensor unused, scale;
};

std::shared_ptr<Net> make_net(uint64_t seed) {
  auto net = std::make_shared<Net>();
  initialise(*net, seed);
  return net;
}

constexpr int64_t kShards = 4;

Gradient sharded(int workers, const torch::Tensor& batch) {
  WorkerPool pool(workers);
  const auto nets = replicas<Net>(make_net(1), workers, [] { return make_net(99); });
  std::vector<std::vector<torch::Tensor>> parameters;
  for (const auto& net : nets) parameters.push_back(values_of(trainables(*net)));
  ShardedGradient gradient(pool, parameters, kShards);
  const int64_t share = batch.size(0) / kShards;
  return gradient.compute([&](int worker, int64_t shard) {
    return nets[worker]->loss(batch.slice(0, shard * share, (shard + 1) * share));
  });
}

TEST(ShardedGradient, IsTheGradientOfTheWholeBatch) {
  const auto batch = NoiseStream(2).normal({8, 3, 16, 16});
  const auto net = make_net(1);
  const auto loss = net->loss(batch);
  const auto expected =
      torch::autograd::grad({loss}, values_of(trainables(*net)), {}, false, false, /*allow_unused=*/true);
  const auto got = sharded(2, batch);
  EXPECT_NEAR(got.loss, loss.item<double>(), 1e-6);
  ASSERT_EQ(got.of.size(), expected.size());
  int compared = 0;
  for (size_t i = 0; i < expected.size(); i++) {
    ASSERT_EQ(got.of[i].defined(), expected[i].defined());
    if (!expected[i].defined()) continue;
    EXPECT_LT((got.of[i] - expected[i]).abs().max().item<double>(), 1e-6);
    compared += expected[i].abs().max().item<double>() > 1e-3;
  }
  EXPECT_EQ(compared, 4);
}

TEST(ShardedGradient, BytesDoNotDependOnTheWorkers) {
  const auto batch = NoiseStream(3).normal({8, 3, 16, 16});
  const auto one = sharded(1, batch);
  for (const int workers : {2, 3}) {
    const auto more = sharded(workers, batch);
    EXPECT_EQ(one.loss, more.loss);
    for (size_t i = 0; i < one.of.size(); i++) {
      if (!one.of[i].defined()) continue;
      EXPECT_TRUE(one.of[i].equal(more.of[i])) << workers << " workers, tensor " << i;
    }
  }
}

TEST(ShardedGradient, ParametersThatShareOneGradientDoNotDisturbEachOther) {
  WorkerPool pool(1);
  auto a = torch::ones({3}).requires_grad_(true), b = torch::ones({3}).requires_grad_(true);
  ShardedGradient gradient(pool, {{a, b}}, 2);
  // autograd hands the same tensor to both: shards of 4 and 8 have the mean 6.
  auto got = gradient.compute([&](int, int64_t shard) { return ((a + b).square() * (shard + 1.0)).sum(); });
  EXPECT_TRUE(got.of[0].equal(torch::full({3}, 6.0F))) << got.of[0];
  EXPECT_TRUE(got.of[1].equal(torch::full({3}, 6.0F))) << got.of[1];
  // The same for one shard, whose gradients are autograd's own.
  ShardedGradient whole(pool, {{a, b}}, 1);
  got = whole.compute([&](int, int64_t) { return (a + b).square().sum(); });
  clip_norm(got.of, std::sqrt(6.0) * 2);  // half of the norm
  EXPECT_LT((got.of[0] - 2).abs().max().item<double>(), 1e-6) << got.of[0];
  EXPECT_LT((got.of[1] - 2).abs().max().item<double>(), 1e-6) << got.of[1];
}

TEST(ShardedGradient, UsesAParameterThatOnlySomeShardsReach) {
  WorkerPool pool(2);
  auto a = torch::ones({1}).requires_grad_(true), b = torch::ones({1}).requires_grad_(true);
  ShardedGradient gradient(pool, {{a, b}, {a, b}}, 4);
  const auto got = gradient.compute([&](int, int64_t shard) { return (shard == 2 ? 8 * b : 2 * a).sum(); });
  EXPECT_EQ(got.of[0].item<double>(), 1.5);
  EXPECT_EQ(got.of[1].item<double>(), 2);
  EXPECT_EQ(got.loss, 3.5);
}

TEST(ClipNorm, ScalesOnlyWhatIsLonger) {
  std::vector<torch::Tensor> gradient{torch::full({9}, 1.0F), {}, torch::full({4}, 2.0F)};  // norm 5
  EXPECT_DOUBLE_EQ(clip_norm(gradient, 6), 5);
  EXPECT_TRUE(gradient[0].equal(torch::ones({9})));
  EXPECT_DOUBLE_EQ(clip_norm(gradient, 2), 5);
  EXPECT_LT((gradient[0] - 0.4).abs().max().item<double>(), 1e-6);
  EXPECT_LT((gradient[2] - 0.8).abs().max().item<double>(), 1e-6);
  EXPECT_FALSE(gradient[1].defined());
}

TEST(ShareWeights, ReplicaSeesEveryUpdateAndHasGradientsOfItsOwn) {
  const auto original = make_net(1), replica = make_net(2);
  share_weights(*original, *replica);
  const auto x = NoiseStream(4).normal({1, 3, 16, 16});
  EXPECT_EQ(original->loss(x).item<float>(), replica->loss(x).item<float>());
  {
    const torch::NoGradGuard no_grad;
    original->conv->weight.add_(0.1);
    original->scale.fill_(3);
  }
  EXPECT_TRUE(replica->conv->weight.equal(original->conv->weight));
  EXPECT_EQ(replica->scale.item<float>(), 3);
  replica->loss(x).backward();
  EXPECT_TRUE(replica->conv->weight.grad().defined());
  EXPECT_FALSE(original->conv->weight.grad().defined());
}

TEST(ShareWeights, ReplicaTellsByItsVersionThatWeightsChanged) {
  const auto original = make_net(1), replica = make_net(2);
  share_weights(*original, *replica);
  const auto before = replica->conv->weight._version();
  Adam adam(trainables(*original), {});
  std::vector<torch::Tensor> gradient;
  for (const auto& value : values_of(trainables(*original))) gradient.push_back(torch::ones_like(value));
  adam.step(gradient, 0.1);
  EXPECT_GT(replica->conv->weight._version(), before);
}

TEST(WorkerPool, RunsEveryIndexOnceAndMayRunAgain) {
  WorkerPool pool(3);
  EXPECT_EQ(pool.size(), 3);
  for (const int64_t count : {1000, 1, 0, 7}) {
    std::vector<std::atomic<int>> runs(count);
    std::atomic<bool> worker_known{true};
    pool.run(count, [&](int worker, int64_t index) {
      runs[index]++;
      if (worker < 0 || worker >= 3) worker_known = false;
    });
    for (const auto& each : runs) EXPECT_EQ(each, 1);
    EXPECT_TRUE(worker_known);
  }
}

TEST(WorkerPool, RethrowsAndGoesOnAfterwards) {
  WorkerPool pool(2);
  const auto run = [&] {
    pool.run(100, [](int, int64_t index) {
      if (index == 17) throw std::out_of_range("seventeen");
    });
  };
  EXPECT_THROW(run(), std::out_of_range);
  std::atomic<int> runs{0};
  pool.run(5, [&](int, int64_t) { runs++; });
  EXPECT_EQ(runs, 5);
}

}  // namespace
}  // namespace kizu
