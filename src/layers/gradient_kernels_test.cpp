// The inner loops of the backward passes, compiled for each kind of processor that this one can run, beside
// the formulas in float64.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "layers/kernels.h"

namespace kizu::layers {
namespace {

/// Numbers in [-3, 3], the same ones every time.
std::vector<float> numbers(int64_t count, int salt) {
  std::vector<float> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    values[i] = 3 * std::sin(static_cast<float>(12.9898 * i + 78.233 * salt));
  return values;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

double gelu(double x) {
  return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
}

double gelu_slope(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0)) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI);
}

TEST(GradientKernels, TransposeMovesEveryNumber) {
  for (const auto& own : runnable_kernels())
    for (const auto& [rows, columns] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {16, 16}, {33, 50}}) {
      const int64_t stride = columns + 3, to_stride = rows + 5;
      const auto from = numbers(rows * stride, 1);
      std::vector<float> to(static_cast<size_t>(columns * to_stride), 7.0F);
      own.transpose(from.data(), stride, rows, columns, to.data(), to_stride);
      for (int64_t j = 0; j < columns; ++j)
        for (int64_t i = 0; i < to_stride; ++i)
          ASSERT_EQ(to[j * to_stride + i], i < rows ? from[i * stride + j] : 7.0F) << own.name;
    }
}

TEST(GradientKernels, GeluAndGatesHaveTheirDerivatives) {
  const int64_t count = 53;
  const auto x = numbers(count, 1), value = numbers(count, 2), dy = numbers(count, 3);
  std::vector<float> y(count), dx(count), of_value(count), of_gate(count);
  for (const auto& own : runnable_kernels()) {
    for (const bool approximate : {false, true}) {
      own.gelu(x.data(), count, approximate, y.data());
      own.gelu_gradient(x.data(), dy.data(), count, approximate, dx.data());
      for (int64_t i = 0; i < count; ++i) {
        const double at = x[i], s = sigmoid(1.702 * at);
        ASSERT_NEAR(y[i], approximate ? at * s : gelu(at), 2e-6) << own.name;
        ASSERT_NEAR(dx[i], dy[i] * (approximate ? s + 1.702 * at * s * (1 - s) : gelu_slope(at)), 4e-6)
            << own.name;
      }
    }
    own.gated_gradient(value.data(), x.data(), dy.data(), count, of_value.data(), of_gate.data());
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_NEAR(of_value[i], dy[i] * gelu(x[i]), 4e-6) << own.name;
      ASSERT_NEAR(of_gate[i], dy[i] * value[i] * gelu_slope(x[i]), 1e-5) << own.name;
    }
  }
}

TEST(GradientKernels, SoftmaxFillsItsPanelsWithChangesAndZeros) {
  const int64_t tokens = kBlockDepth + 21, block_stride = kBlockDepth + 40;
  const auto at = [&](int64_t i) { return i / kBlockDepth * block_stride + i % kBlockDepth; };
  for (const auto& own : runnable_kernels()) {
    const int64_t width = 2 * own.lanes, panels = (tokens + width - 1) / width, apart = width * 3;
    auto exponentials = numbers(2 * block_stride, 1);
    double sum = 0, mean = 0;
    for (auto& each : exponentials) each = std::abs(each);
    const auto given = numbers(2 * block_stride, 2);
    for (int64_t i = 0; i < tokens; ++i) sum += exponentials[at(i)];
    for (int64_t i = 0; i < tokens; ++i) mean += exponentials[at(i)] / sum * given[at(i)];
    auto gradient = given;
    std::vector<float> probabilities(panels * apart, 9.0F), changes(panels * apart, 9.0F);
    own.softmax_gradient({exponentials.data(), gradient.data(), tokens, block_stride,
                          static_cast<float>(1 / sum), probabilities.data(), changes.data(), width, apart});
    for (int64_t i = 0; i < panels * width; ++i) {
      const int64_t place = i / width * apart + i % width;
      const double p = i < tokens ? exponentials[at(i)] / sum : 0;
      const double change = i < tokens ? p * (given[at(i)] - mean) : 0;
      ASSERT_NEAR(probabilities[place], p, 1e-7) << own.name << " token " << i;
      ASSERT_NEAR(changes[place], change, 1e-7) << own.name << " token " << i;
      if (i < tokens) {
        ASSERT_NEAR(gradient[at(i)], change, 1e-7) << own.name << " token " << i;
      }
    }
  }
}

TEST(GradientKernels, NormsAddUpAndPassBack) {
  const int64_t pixels = 130, channels = 21, stride = 24;
  const auto x = numbers(pixels * stride, 1), dy = numbers(pixels * stride, 2), scale = numbers(channels, 3),
             shift = numbers(channels, 4), weight = numbers(channels, 5), bias = numbers(channels, 6),
             factor = numbers(channels, 7), less = numbers(channels, 8), slope = numbers(channels, 9);
  for (const auto& own : runnable_kernels())
    for (const bool silu : {false, true}) {
      const NormGradientJob job{x.data(),     dy.data(),    pixels,        stride,      channels,
                                scale.data(), shift.data(), weight.data(), bias.data(), silu};
      std::vector<double> sum(channels), products(channels);
      std::vector<float> out(pixels * stride);
      own.norm_sums(job, sum.data(), products.data());
      own.norm_gradient(job, factor.data(), less.data(), slope.data(), out.data());
      for (int64_t c = 0; c < channels; ++c) {
        double wanted_sum = 0, wanted_products = 0;
        for (int64_t p = 0; p < pixels; ++p) {
          const double unit = double{x[p * stride + c]} * scale[c] + shift[c], y = unit * weight[c] + bias[c];
          const double behind = dy[p * stride + c] * (silu ? sigmoid(y) * (1 + y * (1 - sigmoid(y))) : 1);
          wanted_sum += behind;
          wanted_products += behind * unit;
          ASSERT_NEAR(out[p * stride + c], behind * factor[c] - less[c] - unit * slope[c], 5e-5) << own.name;
        }
        ASSERT_NEAR(sum[c], wanted_sum, 1e-4 * pixels) << own.name;
        ASSERT_NEAR(products[c], wanted_products, 1e-3 * pixels) << own.name;
      }
    }
}

}  // namespace
}  // namespace kizu::layers
