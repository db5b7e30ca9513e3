#include "ldm/recorded_unet.h"

#include <gtest/gtest.h>

#include "ldm/tiny_latent.h"
#include "tensor/noise.h"

namespace kizu::ldm {
namespace {

/// On the CPU, where each pass is simply computed, and on a GPU, where its kernels are recorded.
class RecordedUNetTest : public testing::TestWithParam<torch::DeviceType> {
 protected:
  RecordedUNetTest() : device_(GetParam()) {}

  void SetUp() override {
    if (device_.is_cuda() && !torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    auto model = LatentDiffusion::create(tiny_latent(BaseFamily::kLdmBert), 4);
    model.to(device_, torch::kFloat32);
    unet_ = model.unet;
  }

  torch::Tensor normal(std::vector<int64_t> shape) { return NoiseStream(++drawn_).normal(shape).to(device_); }

  /// One step of `rows` pictures of `side` latent pixels, with new inputs each time.
  void expect_same(RecordedUNet& recorded, int64_t rows, int64_t side, int64_t t, bool weighted,
                   bool before = false) {
    const torch::NoGradGuard no_grad;
    const auto x = normal({rows, 4, side, side}), context = normal({rows, 7, 16});
    const auto at = torch::full({rows}, t, torch::TensorOptions(device_).dtype(torch::kInt64));
    const AttentionWeights weights{normal({rows, 1, side, side}).abs(), normal({rows, 7}) > 0, before};
    const auto* given = weighted ? &weights : nullptr;
    const auto expected = unet_->forward(x, at, context, given);
    const auto found = recorded.forward(x, at, context, given);
    EXPECT_TRUE(torch::allclose(found, expected, 1e-4, 1e-5)) << (found - expected).abs().max();
    EXPECT_TRUE(!device_.is_cpu() || found.equal(expected));
    for (const auto& [before_now, value] : kept_)
      EXPECT_TRUE(before_now.equal(value)) << "an earlier result changed";
    kept_.emplace_back(found, found.clone());
  }

  torch::Device device_;
  UNet unet_{nullptr};

 private:
  uint64_t drawn_ = 0;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> kept_;
};

TEST_P(RecordedUNetTest, IsTheNetworkStepByStep) {
  RecordedUNet recorded(unet_);
  for (const int64_t t : {900, 500, 20}) expect_same(recorded, 2, 8, t, false);
}

TEST_P(RecordedUNetTest, TakesNewWeightsOfTheAttentionInEachStep) {
  RecordedUNet recorded(unet_);
  expect_same(recorded, 1, 8, 900, false);
  for (const int64_t t : {500, 20}) expect_same(recorded, 1, 8, t, true);
  expect_same(recorded, 1, 8, 10, true, true);
  expect_same(recorded, 1, 8, 10, false);
}

TEST_P(RecordedUNetTest, KnowsShapesApartAndForgetsThoseOfLongAgo) {
  RecordedUNet recorded(unet_);
  for (int round = 0; round < 2; ++round)
    for (const int64_t rows : {1, 2, 3, 4, 5, 6}) expect_same(recorded, rows, 8, 100 * rows, false);
  expect_same(recorded, 1, 16, 300, false);
}

INSTANTIATE_TEST_SUITE_P(Devices, RecordedUNetTest, testing::Values(torch::kCPU, torch::kCUDA),
                         [](const auto& info) { return info.param == torch::kCPU ? "Cpu" : "Cuda"; });

}  // namespace
}  // namespace kizu::ldm
