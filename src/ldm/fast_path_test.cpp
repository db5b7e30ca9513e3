// Our own loops beside torch's operators, through whole networks with random weights.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "layers/exact.h"
#include "ldm/tiny_latent.h"
#include "tensor/noise.h"

namespace kizu::ldm {
namespace {

torch::Tensor normal(std::vector<int64_t> shape, uint64_t seed = 1) {
  return NoiseStream(seed).normal(shape);
}

/// The largest difference, as a share of the largest value.
double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

void expect_agreement(const std::function<torch::Tensor()>& pass) {
  const torch::NoGradGuard no_grad;
  const auto fast = pass();
  layers::set_exact(true);
  const auto exact = pass();
  layers::set_exact(false);
  EXPECT_LT(difference(fast, exact), 1e-4);
  EXPECT_FALSE(fast.equal(exact)) << "the fast path was not taken";
}

LatentDiffusion model_of(BaseFamily family) {
  auto config = tiny_latent(family);
  config.unet.model_channels = 64;
  config.unet.channel_mult = {1, 2, 4};
  config.unet.attention_resolutions = {1, 2, 4};
  config.text.width = config.unet.context_dim = 48;
  config.text.heads = 6;
  config.text.dim_head = 8;
  config.autoencoder.width_mult = {1, 2, 2, 4};
  return LatentDiffusion::create(config, 3);
}

TEST(FastPath, UNetAgreesWithTorchs) {
  auto model = model_of(BaseFamily::kLdmBert);
  const auto x = normal({2, 4, 32, 24}), context = normal({2, 77, 48});
  const auto t = torch::tensor({17, 801});
  expect_agreement([&] { return model.unet(x, t, context); });
  for (const bool before : {false, true}) {
    const AttentionWeights weights{1 + normal({2, 1, 32, 24}, 2).abs(), normal({2, 77}, 3) > 0, before};
    expect_agreement([&] { return model.unet->forward(x, t, context, &weights); });
  }
}

TEST(FastPath, AutoencoderAgreesWithTorchs) {
  auto model = model_of(BaseFamily::kLdmBert);
  expect_agreement([&] { return model.decode(normal({1, 4, 12, 8})); });
  expect_agreement([&] { return model.encode(normal({1, 3, 96, 64}), normal({1, 4, 12, 8})); });
}

TEST(FastPath, TextEncodersAgreeWithTorchs) {
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto model = model_of(family);
    const auto ids = torch::arange(2 * 77).view({2, 77});
    expect_agreement([&] { return model.text(ids); });
  }
}

/// The gradient of the inserted token embeddings, through text encoder and U-Net.
torch::Tensor gradient_of(LatentDiffusion& model, bool checkpointing, int64_t rows) {
  model.text->set_checkpointing(checkpointing);
  model.unet->set_checkpointing(checkpointing);
  const auto first = [&](const torch::Tensor& all) { return all.slice(0, 0, rows).contiguous(); };
  const auto tokens = first(normal({2, 77, 48}, 4)).set_requires_grad(true);
  const auto eps =
      model.unet(first(normal({2, 4, 32, 24})), first(torch::tensor({17, 801})), model.text->encode(tokens));
  return torch::autograd::grad({(eps * first(normal({2, 4, 32, 24}, 5))).sum()}, {tokens})[0];
}

TEST(FastPath, GradientsAgreeWithTorchsWhetherOrNotBlocksAreComputedAgain) {
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto model = model_of(family);
    const auto fast = gradient_of(model, false, 2);
    EXPECT_LT(difference(gradient_of(model, true, 2), fast), 2e-6)
        << "checkpointing, which adds in another order";
    EXPECT_TRUE(gradient_of(model, false, 1).equal(fast.slice(0, 0, 1))) << "one row alone";
    const int threads = at::get_num_threads();
    at::set_num_threads(threads == 1 ? 2 : 1);
    EXPECT_TRUE(gradient_of(model, false, 2).equal(fast)) << "other threads";
    at::set_num_threads(threads);
    layers::set_exact(true);
    const auto exact = gradient_of(model, false, 2);
    layers::set_exact(false);
    EXPECT_LT(difference(fast, exact), 2e-5);
    EXPECT_FALSE(fast.equal(exact)) << "the fast path was not taken";
  }
}

TEST(FastPath, SeveralThreadsOfOneNetworkGiveTheSameBytes) {
  auto model = model_of(BaseFamily::kLdmBert);
  const auto x = normal({1, 4, 16, 16}), context = normal({1, 77, 48});
  const auto pass = [&] {
    const torch::NoGradGuard no_grad;
    at::set_num_threads(1);
    return model.unet(x, torch::tensor({17}), context);
  };
  std::vector<torch::Tensor> outs(4);
  std::vector<std::thread> threads;
  for (auto& out : outs) threads.emplace_back([&] { out = pass(); });
  for (auto& thread : threads) thread.join();
  const torch::NoGradGuard no_grad;
  at::set_num_threads(2);
  const auto alone = model.unet(x, torch::tensor({17}), context);
  for (const auto& out : outs) EXPECT_TRUE(out.equal(alone));
}

}  // namespace
}  // namespace kizu::ldm
