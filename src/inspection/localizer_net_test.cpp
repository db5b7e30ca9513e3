#include "inspection/localizer_net.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "inspection/light_layers.h"
#include "inspection/light_net.h"
#include "layers/exact.h"
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

double relative(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).norm().item<double>() / (b.norm().item<double>() + 1e-6);
}

using Gradients = std::vector<torch::Tensor>;
Gradients gradients_of(const torch::Tensor& result, const Gradients& of) {
  return torch::autograd::grad({result}, of, {NoiseStream(9).normal(result.sizes())});
}

TEST(LightLayers, AScaledConvolutionIsTheConvolutionTimesItsFactors) {
  for (const int64_t kernel : {1, 3}) {
    StandardConv conv(6, 10, kernel, kernel == 3 ? 2 : 1);
    auto values = conv.named_parameters();
    for (auto& item : values)
      item.value().set_data(NoiseStream(mix(1, item.key())).normal(item.value().sizes()));
    const auto x = NoiseStream(2).normal({2, 6, 9, 12}).requires_grad_(true);
    const auto strength = torch::full({1}, 0.7).requires_grad_(true);
    Gradients all = conv.parameters();
    all.push_back(x);
    all.push_back(strength);
    const auto ours = conv.scaled(x, 1.5, 0.6, strength), plain = strength * conv.forward(x * 1.5) * 0.6;
    EXPECT_LT(relative(ours, plain), 1e-5);
    const auto a = gradients_of(ours, all), b = gradients_of(plain, all);
    for (std::size_t i = 0; i < all.size(); i++) EXPECT_LT(relative(a[i], b[i]), 1e-5) << i;
  }
}

TEST(LightLayers, EnlargingAndAddingIsBothAtOnce) {
  const Gradients both{NoiseStream(1).normal({2, 5, 3, 4}).requires_grad_(true),
                       NoiseStream(2).normal({2, 5, 6, 8}).requires_grad_(true)};
  const auto ours = enlarged_plus(both[0], both[1], 0.3);
  const auto plain = torch::upsample_nearest2d(both[0], {6, 8}) + 0.3 * both[1];
  EXPECT_LT(relative(ours, plain), 1e-6);
  const auto a = gradients_of(ours, both), b = gradients_of(plain, both);
  for (std::size_t i = 0; i < 2; i++) EXPECT_LT(relative(a[i], b[i]), 1e-6);
}

TEST(LightNet, FoldedAndFusedItIsTheNetThatIsWrittenDown) {
  LightNet net(8);
  net.draw_weights(5);
  for (auto& item : net.named_parameters())  // nothing may hide behind a 1 or a 0
    item.value().set_data(item.value().detach() +
                          NoiseStream(mix(6, item.key())).uniform_tensor(item.value().sizes()) * 0.2);
  for (const auto& size : std::vector<std::vector<int64_t>>{{2, 3, 64, 96}, {1, 3, 50, 33}, {1, 3, 1, 1}}) {
    const auto photo = NoiseStream(7).uniform_tensor(size);
    const auto fast = net.forward(photo), plain = net.forward_plain(photo);
    ASSERT_EQ(fast.sizes(), plain.sizes());
    {
      const layers::Exact exact;
      EXPECT_TRUE(net.forward(photo).equal(plain));
    }
    EXPECT_LT((fast - plain).abs().max().item<double>(), 1e-4 * plain.abs().max().item<double>());
    if (size[3] == 1) continue;
    // A unit whose value is 0 but for rounding counts in one of them and not in the other.
    const auto a = gradients_of(fast, net.parameters()), b = gradients_of(plain, net.parameters());
    for (std::size_t i = 0; i < a.size(); i++)
      EXPECT_LT(relative(a[i], b[i]), 1e-2) << net.named_parameters().pairs()[i].first;
  }
}

}  // namespace
}  // namespace kizu::inspection
