// What a GPU computes, beside the CPU. All are skipped where there is none.
#include <gtest/gtest.h>

#include "core/scratch_folder.h"
#include "layers/exact.h"
#include "ldm/tiny_latent.h"
#include "tensor/noise.h"

namespace kizu::ldm {
namespace {

class CudaTest : public testing::TestWithParam<BaseFamily> {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    LatentDiffusion::create(tiny_latent(GetParam()), 5).save(scratch_ / "base", torch::kFloat32, {});
  }

  LatentDiffusion load(torch::Device device, torch::ScalarType dtype = torch::kFloat32) const {
    LoadOptions options;
    options.device = device;
    options.dtype = dtype;
    return LatentDiffusion::load(scratch_ / "base", options);
  }

  static torch::Tensor normal(uint64_t seed, std::vector<int64_t> shape) {
    return NoiseStream(seed).normal(shape);
  }

  /// eps for two pictures, on the CPU in float32.
  static torch::Tensor predicted(LatentDiffusion& base, torch::ScalarType dtype = torch::kFloat32) {
    const auto device = base.device();
    return base
        .predict(normal(1, {2, 4, 8, 8}).to(device), torch::tensor({30, 700}).to(device),
                 normal(2, {2, 77, 16}).to(device, dtype))
        .cpu();
  }

  ScratchFolder scratch_;
};

void expect_near(const torch::Tensor& found, const torch::Tensor& expected, double share) {
  const double furthest = (found - expected).abs().max().item<double>();
  EXPECT_LT(furthest, share * expected.abs().max().item<double>());
}

TEST_P(CudaTest, PredictsAsTheCpu) {
  auto cpu = load(torch::kCPU), gpu = load(torch::kCUDA);
  ASSERT_TRUE(gpu.recorded);
  expect_near(predicted(gpu), predicted(cpu), 2e-3);  // TF32 may be on in convolutions
}

TEST_P(CudaTest, PredictsAsTheCpuThroughPlainOperators) {
  auto cpu = load(torch::kCPU);
  const layers::Exact scope;
  auto gpu = load(torch::kCUDA);
  ASSERT_FALSE(gpu.recorded);
  expect_near(predicted(gpu), predicted(cpu), 2e-3);
}

TEST_P(CudaTest, PredictsInBfloat16) {
  auto cpu = load(torch::kCPU), gpu = load(torch::kCUDA, torch::kBFloat16);
  expect_near(predicted(gpu, torch::kBFloat16), predicted(cpu), 5e-2);
}

TEST_P(CudaTest, EncodesAndDecodesAsTheCpu) {
  auto cpu = load(torch::kCPU), gpu = load(torch::kCUDA);
  const torch::NoGradGuard no_grad;
  const auto image = normal(3, {1, 3, 64, 64}).clamp(-1, 1), noise = normal(4, {1, 4, 8, 8});
  expect_near(gpu.encode(image.cuda(), noise.cuda()).cpu(), cpu.encode(image, noise), 2e-3);
  expect_near(gpu.decode(noise.cuda()).cpu(), cpu.decode(noise), 2e-3);
}

INSTANTIATE_TEST_SUITE_P(Families, CudaTest, testing::Values(BaseFamily::kLdmBert, BaseFamily::kSd1Clip),
                         [](const auto& info) {
                           return info.param == BaseFamily::kLdmBert ? "LdmBert" : "Sd1Clip";
                         });

}  // namespace
}  // namespace kizu::ldm
