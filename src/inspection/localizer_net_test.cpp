#include "inspection/localizer_net.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "inspection/light_net.h"
#include "tensor/noise.h"

namespace kizu::inspection {
namespace {

int64_t weights_of(const Localizer& net) {
  int64_t n = 0;
  for (const auto& parameter : net.parameters()) n += parameter.numel();
  return n;
}

TEST(LocalizerNet, LogitsHaveTheSizeOfThePhotoWhateverItIs) {
  const torch::NoGradGuard no_grad;
  for (const LocalizerConfig& config : {LocalizerConfig{"light", 16}, LocalizerConfig{"draem", 4}}) {
    const auto net = make_localizer(config, 1);
    net->eval();
    for (const auto& size : std::vector<std::pair<int64_t, int64_t>>{{64, 96}, {33, 47}, {1, 1}, {7, 130}}) {
      const auto logits = net->forward(NoiseStream(2).uniform_tensor({2, 3, size.first, size.second}));
      EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{2, 2, size.first, size.second})) << config.net;
      EXPECT_TRUE(logits.isfinite().all().item<bool>());
    }
  }
}

TEST(LocalizerNet, TheFullNetHasTheMethodsSize) {
  EXPECT_EQ(weights_of(*make_localizer({"draem", 64}, 1)), 28372418);
}

TEST(LocalizerNet, TheLightNetHasAboutAMillionWeights) {
  EXPECT_NEAR(static_cast<double>(weights_of(*make_localizer({"light", 16}, 1))), 1.0e6, 0.2e6);
}

TEST(LocalizerNet, SameSeedSameWeights) {
  const torch::NoGradGuard no_grad;
  const auto logits = [](const char* name, uint64_t seed) {
    const auto net = make_localizer({name, 4}, seed);
    net->eval();
    return net->forward(NoiseStream(1).uniform_tensor({1, 3, 32, 32}));
  };
  for (const char* net : {"light", "draem"}) {
    EXPECT_TRUE(torch::equal(logits(net, 5), logits(net, 5)));
    EXPECT_FALSE(torch::equal(logits(net, 5), logits(net, 6)));
  }
}

TEST(LocalizerNet, AFreshLightNetIsCalmAndItsSignalNeitherDiesNorExplodes) {
  const torch::NoGradGuard no_grad;
  const auto net = make_localizer({"light", 16}, 3);
  const auto logits = net->forward(NoiseStream(4).uniform_tensor({1, 3, 128, 128}));
  const auto p = torch::softmax(logits, 1).select(1, 1);
  EXPECT_LT(p.mean().item<double>(), 0.2);
  EXPECT_GT(logits.select(1, 1).std().item<double>(), 0.02);
  EXPECT_LT(logits.abs().max().item<double>(), 10);
}

TEST(LocalizerNet, TheLightNetLooksAtSurroundingsOnly) {
  const torch::NoGradGuard no_grad;
  const auto net = make_localizer({"light", 4}, 3);
  const auto photo = NoiseStream(4).uniform_tensor({1, 3, 64, 640});
  auto changed = photo.clone();
  changed.slice(3, 600, 640).fill_(1);
  const auto difference = (net->forward(photo) - net->forward(changed)).abs();
  EXPECT_GT(difference.slice(3, 600, 640).max().item<double>(), 1e-3);
  EXPECT_LT(difference.slice(3, 0, 128).max().item<double>(), 1e-6);
}

TEST(LocalizerNet, UnknownNamesAreRefused) {
  EXPECT_THROW(make_localizer({"resnet", 16}, 1), Error);
  EXPECT_THROW(make_localizer({"light", 0}, 1), Error);
}

}  // namespace
}  // namespace kizu::inspection
