// Weights kept in 16 bits beside the same weights widened to float32 beforehand.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "layers/convolution.h"
#include "layers/doubling_convolution.h"
#include "layers/exact.h"
#include "layers/kernels.h"
#include "layers/linear.h"
#include "layers/product.h"
#include "layers/quick_convolution.h"

namespace kizu::layers {
namespace {

constexpr torch::ScalarType kHalfTypes[] = {torch::kFloat16, torch::kBFloat16};

/// Gives the layer's weight, or its bias as well, this type.
template <class Layer>
Layer with_weights_in(Layer layer, torch::ScalarType type, bool bias_too = false) {
  layer->weight.set_data(layer->weight.to(type));
  if (bias_too) layer->bias.set_data(layer->bias.to(type));
  return layer;
}

/// Expects one call's bytes with weights in 16 bits to be those with the same weights widened, by our own
/// loops and by torch's operators.
template <class Layer, class Call>
void expect_same_bytes(Layer half, Layer wide, Call call, const std::string& what) {
  wide->weight.set_data(half->weight.to(torch::kFloat32));
  if (half->bias.defined()) wide->bias.set_data(half->bias.to(torch::kFloat32));
  const auto fast = call(half), exact = [&] {
    const Exact scope;
    const auto out = call(half);
    EXPECT_TRUE(out.equal(call(wide))) << what << ", exact";
    return out;
  }();
  EXPECT_TRUE(fast.equal(call(wide))) << what;
  EXPECT_TRUE(torch::allclose(fast, exact, 1e-5, 1e-5)) << what;
  EXPECT_EQ(half->weight.scalar_type(), kHalfTypes[half->weight.scalar_type() == torch::kBFloat16]);
}

TEST(HalfWeights, EveryNumberIsWidenedExactly) {
  constexpr int64_t kAll = 1 << 16;
  for (const auto type : kHalfTypes) {
    const auto numbers = torch::arange(kAll, torch::kInt32).to(torch::kInt16);
    const auto wanted = numbers.view(type).to(torch::kFloat32);
    const void* const taps[4] = {numbers.data_ptr()};
    for (const auto& own : runnable_kernels()) {
      const auto found = torch::empty({kAll});
      (type == torch::kFloat16 ? own.float16 : own.bfloat16).sum(taps, kAll, found.data_ptr<float>());
      const auto same = (found == wanted) | (found.isnan() & wanted.isnan());
      EXPECT_TRUE(same.all().item<bool>()) << own.name;
    }
  }
}

TEST(HalfWeights, ProductsHaveTheBytesOfTheWidenedMatrix) {
  torch::manual_seed(1);
  for (const auto type : kHalfTypes)
    for (const auto& [rows, depth, columns] :
         std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {15, 40, 48}, {77, 600, 33}, {200, 1100, 96}}) {
      const auto left = torch::randn({rows, depth}), right = torch::randn({depth, columns}).to(type);
      const auto wide = right.to(torch::kFloat32);
      PackedMatrix kept(depth, columns, 3, number_of(right)), widened(depth, columns);
      kept.pack_rows(right.data_ptr(), columns);
      widened.pack_rows(wide.data_ptr(), columns);
      const auto product = [&, rows = rows, depth = depth, columns = columns](const PackedMatrix& matrix) {
        const auto out = torch::empty({rows, columns});
        multiply(rows, rows_of(left.data_ptr<float>(), depth), matrix, {}, {out.data_ptr<float>(), columns});
        return out;
      };
      EXPECT_TRUE(product(kept).equal(product(widened))) << rows << " x " << depth << " x " << columns;
      EXPECT_EQ(2 * kept.bytes(), widened.bytes());
    }
}

TEST(HalfWeights, EveryKernelMakesThePointsThatFloatsHave) {
  constexpr int64_t kChannels = 5, kColumns = 48;
  torch::manual_seed(2);
  for (const auto type : kHalfTypes) {
    const auto weight = torch::randn({kColumns, kChannels, 3, 3}).to(type);
    const auto wide = weight.to(torch::kFloat32);
    const auto points = *pack_quick(wide.data_ptr(), Number::kFloat32, kChannels, kColumns);
    const int64_t width = points.width(), count = kChannels * width;
    for (int64_t panel = 0; panel < points.panels(); ++panel) {
      const auto taps = wide.slice(0, panel * width, (panel + 1) * width).flatten(2).permute({2, 1, 0});
      const auto packed = taps.to(type).contiguous();
      for (const auto& own : runnable_kernels()) {
        std::vector<float> made(kQuickPoints * count);
        (type == torch::kFloat16 ? own.float16 : own.bfloat16)
            .points(packed.data_ptr(), count, count, made.data(), count);
        for (int64_t point = 0; point < kQuickPoints; ++point)
          ASSERT_EQ(0, std::memcmp(made.data() + point * count,
                                   points.rows(panel, point * kChannels, kChannels, nullptr),
                                   static_cast<size_t>(count) * sizeof(float)))
              << own.name << ", point " << point;
      }
    }
  }
}

TEST(HalfWeights, ConvolutionsHaveTheBytesOfTheWidenedWeights) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  for (const auto type : kHalfTypes)
    for (const auto& [in, out, kernel, stride] : std::vector<std::array<int64_t, 4>>{
             {3, 8, 3, 1}, {64, 96, 3, 1}, {600, 33, 3, 1}, {48, 4, 1, 1}, {40, 40, 3, 2}}) {
      const auto options = torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2);
      const auto half = with_weights_in(Conv2d(options), type, in == 64);
      const auto x = torch::randn({2, in, 9, 14});
      const auto what = std::to_string(in) + " -> " + std::to_string(out);
      expect_same_bytes(
          half, Conv2d(options), [&](Conv2d conv) { return conv(x); }, what);
      const auto sum = torch::randn(Conv2d(options)(x).sizes());
      expect_same_bytes(
          half, Conv2d(options), [&](Conv2d conv) { return conv->add_to(sum, x); }, what);
    }
}

TEST(HalfWeights, DoublingConvolutionsHaveTheBytesOfTheWidenedWeights) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(4);
  for (const auto type : kHalfTypes)
    for (const int64_t channels : {24, 600}) {
      const auto x = torch::randn({2, channels, 5, 8});
      expect_same_bytes(
          with_weights_in(DoublingConv2d(channels, 40), type), DoublingConv2d(channels, 40),
          [&](DoublingConv2d conv) { return conv(x); }, std::to_string(channels));
    }
}

TEST(HalfWeights, LinearLayersHaveTheBytesOfTheWidenedWeights) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  for (const auto type : kHalfTypes)
    for (const bool bias : {false, true}) {
      const auto options = torch::nn::LinearOptions(540, 70).bias(bias);
      const auto half = with_weights_in(Linear(options), type, bias);
      const auto x = torch::randn({2, 77, 540}), sum = torch::randn({2, 77, 70});
      expect_same_bytes(
          half, Linear(options), [&](Linear linear) { return linear(x); }, "linear");
      expect_same_bytes(
          half, Linear(options), [&](Linear linear) { return linear->of_fixed(x); }, "of a fixed input");
      expect_same_bytes(
          half, Linear(options), [&](Linear linear) { return linear->add_to(sum, x); }, "added");
    }
}

/// Gradients for the input through frozen weights in 16 bits and through the same weights widened.
template <class Layer, class Make>
void expect_same_gradients(Make make, const torch::Tensor& input, const char* what) {
  for (const auto type : kHalfTypes) {
    Layer half = with_weights_in(make(), type), wide = make();
    wide->weight.set_data(half->weight.to(torch::kFloat32));
    wide->bias.set_data(half->bias);
    const auto gradient = [&](Layer layer) {
      for (auto& parameter : layer->parameters()) parameter.set_requires_grad(false);
      const auto x = input.clone().set_requires_grad(true);
      layer(x).square().sum().backward();
      return x.grad();
    };
    const auto found = gradient(half);
    EXPECT_TRUE(found.equal(gradient(wide))) << what;
    const Exact scope;
    EXPECT_TRUE(torch::allclose(found, gradient(half), 1e-4, 1e-3)) << what;
  }
}

TEST(HalfWeights, PassTheGradientsOfTheWidenedWeights) {
  torch::manual_seed(7);
  expect_same_gradients<Linear>([] { return Linear(540, 70); }, torch::randn({2, 9, 540}), "linear");
  expect_same_gradients<DoublingConv2d>([] { return DoublingConv2d(40, 33); }, torch::randn({2, 40, 5, 6}),
                                        "doubling");
  for (const auto& [in, out, kernel, stride] :
       std::vector<std::array<int64_t, 4>>{{3, 8, 3, 1}, {64, 96, 3, 1}, {48, 33, 1, 1}, {40, 40, 3, 2}})
    expect_same_gradients<Conv2d>(
        [in = in, out = out, kernel = kernel, stride = stride] {
          return Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2));
        },
        torch::randn({2, in, 9, 14}), "convolution");
}

TEST(HalfWeights, PassGradientsToTheInput) {
  torch::manual_seed(6);
  auto half = with_weights_in(Linear(8, 8), torch::kFloat16);
  half->weight.set_requires_grad(false);
  const auto x = torch::randn({3, 8}).set_requires_grad(true);
  half(x).sum().backward();
  const auto wanted = half->weight.to(torch::kFloat32).sum(0).expand({3, 8});
  EXPECT_TRUE(torch::allclose(x.grad(), wanted, 1e-5, 1e-6));
}

}  // namespace
}  // namespace kizu::layers
