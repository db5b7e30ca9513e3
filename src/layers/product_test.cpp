#include "layers/product.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "layers/kernels.h"

namespace kizu::layers {
namespace {

std::vector<float> normal(int64_t count, uint64_t seed) {
  torch::manual_seed(seed);
  const auto drawn = torch::randn({count});
  return {drawn.data_ptr<float>(), drawn.data_ptr<float>() + count};
}

torch::Tensor matrix(std::vector<float>& data, int64_t rows, int64_t columns) {
  return torch::from_blob(data.data(), {rows, columns});
}

std::vector<float> product(int64_t rows, const std::vector<float>& left, const PackedMatrix& right) {
  std::vector<float> out(rows * right.columns());
  multiply(rows, rows_of(left.data(), right.depth()), right, {}, {out.data(), right.columns()});
  return out;
}

TEST(Product, IsThatOfTorchForEveryShape) {
  for (const auto& [rows, depth, columns] : std::vector<std::array<int64_t, 3>>{{1, 1, 1},
                                                                                {3, 5, 7},
                                                                                {15, 40, 48},
                                                                                {77, 600, 33},
                                                                                {200, 1100, 96},
                                                                                {173, 512, 320},
                                                                                {31, 513, 17}}) {
    auto left = normal(rows * depth, 1), right = normal(depth * columns, 2), bias = normal(columns, 3);
    auto start = normal(rows * columns, 4);
    PackedMatrix packed(depth, columns);
    packed.pack_rows(right.data(), columns);
    packed.set_bias(bias.data());
    std::vector<float> out(rows * columns);
    multiply(rows, rows_of(left.data(), depth), packed, {start.data(), columns}, {out.data(), columns});
    const auto wanted =
        matrix(left, rows, depth).to(torch::kFloat64).mm(matrix(right, depth, columns).to(torch::kFloat64)) +
        matrix(bias, 1, columns) + matrix(start, rows, columns);
    EXPECT_TRUE(torch::allclose(matrix(out, rows, columns).to(torch::kFloat64), wanted, 1e-5, 1e-4))
        << rows << " x " << depth << " x " << columns;
  }
}

TEST(Product, HasTheSameBytesWhateverTheThreadsAndTheRowsBeside) {
  const int64_t rows = 190, depth = 1300, columns = 352;
  const auto left = normal(rows * depth, 1), right = normal(depth * columns, 2);
  PackedMatrix packed(depth, columns);
  packed.pack_columns(right.data(), depth);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = product(rows, left, packed);
  at::set_num_threads(3);
  EXPECT_EQ(product(rows, left, packed), one);
  at::set_num_threads(threads);
  const auto few = product(5, left, packed);
  EXPECT_EQ(few, std::vector<float>(one.begin(), one.begin() + 5 * columns));
}

TEST(Kernels, TilesAgreeOnEveryProcessor) {
  const int64_t depth = 37;
  const auto a = normal(kMostRows * kRowStride, 1);
  for (const auto& own : runnable_kernels())
    for (int vectors = 1; vectors <= kMostVectors; ++vectors)
      for (int rows = 1; rows <= own.most_rows[vectors - 1]; ++rows) {
        const int64_t width = vectors * own.lanes;
        const auto b = normal(depth * width, 2), bias = normal(width, 3);
        std::vector<float> c(rows * width, 0.5F);
        own.tiles[vectors - 1][rows - 1](
            {a.data(), b.data(), depth, bias.data(), c.data(), width, c.data(), width});
        for (int64_t i = 0; i < rows; ++i)
          for (int64_t j = 0; j < width; ++j) {
            double wanted = 0.5 + bias[j];
            for (int64_t k = 0; k < depth; ++k) wanted += double{a[i * kRowStride + k]} * b[k * width + j];
            ASSERT_NEAR(c[i * width + j], wanted, 1e-4) << own.name << " " << vectors << " x " << rows;
          }
      }
}

TEST(Kernels, SoftmaxLeavesOutWhatIsHiddenAndDividesNothing) {
  const int64_t tokens = 77;
  for (const auto& own : runnable_kernels()) {
    auto scores = normal(tokens, 5);
    const auto plain = scores, factors = normal(tokens, 6);
    std::vector<float> bias(tokens, 0.0F);
    bias[3] = bias[76] = -INFINITY;
    const float sum = own.softmax({scores.data(), tokens, kRowStride, bias.data(), nullptr, factors.data()});
    double largest = -1e9, wanted = 0;
    for (int64_t i = 0; i < tokens; ++i) largest = std::max<double>(largest, plain[i] + bias[i]);
    for (int64_t i = 0; i < tokens; ++i) {
      const double e = std::exp(plain[i] + bias[i] - largest);
      wanted += e;
      EXPECT_NEAR(scores[i], e * factors[i], 1e-6) << own.name;
    }
    EXPECT_NEAR(sum, wanted, 1e-5 * wanted) << own.name;
    EXPECT_EQ(scores[3], 0.0F);
  }
}

TEST(Kernels, GatesAndSigmoidsAreExactToThePrecisionOfFloats) {
  const int64_t count = 2003;
  std::vector<float> x(count), ones(count, 1.0F), zeros(count, 0.0F), gated(count), silu(count);
  for (int64_t i = 0; i < count; ++i) x[i] = static_cast<float>(i - 1000) * 0.0123F;
  for (const auto& own : runnable_kernels()) {
    own.gated(ones.data(), x.data(), count, gated.data());
    own.scale_shift(x.data(), 1, count, ones.data(), zeros.data(), true, silu.data());
    for (int64_t i = 0; i < count; ++i) {
      const double gelu = 0.5 * x[i] * std::erfc(-x[i] / std::sqrt(2.0)),
                   sigmoid = 1 / (1 + std::exp(-double{x[i]}));
      ASSERT_NEAR(gated[i], gelu, 4e-7 * std::max(1.0, std::abs(double{x[i]}))) << own.name << " at " << x[i];
      ASSERT_NEAR(silu[i], x[i] * sigmoid, 4e-7 * std::max(1.0, std::abs(double{x[i]})))
          << own.name << " at " << x[i];
    }
  }
}

}  // namespace
}  // namespace kizu::layers
