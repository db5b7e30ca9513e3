#include "layers/attend.h"

#include <gtest/gtest.h>

#include <limits>

#include "layers/exact.h"
#include "layers/library_attention.h"

namespace kizu::layers {
namespace {

struct Shape {
  int64_t batch, rows, tokens, heads, width;
};

void expect_both_agree(const Shape& s, const AttendChanges& changes) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const auto draw = [&](int64_t length) { return torch::randn({s.batch, length, s.heads * s.width}); };
  const auto q = draw(s.rows), k = draw(s.tokens), v = draw(s.tokens);
  const auto fast = attend(q, k, v, s.heads, changes);
  const Exact scope;
  const auto exact = attend(q, k, v, s.heads, changes);
  EXPECT_TRUE(torch::allclose(fast, exact, 1e-5, 2e-6))
      << s.rows << " x " << s.tokens << ": " << (fast - exact).abs().max().item<float>();
}

TEST(Attend, BlocksGiveWhatTheWholeMatrixGives) {
  for (const auto& shape : {Shape{2, 64, 64, 8, 40}, Shape{1, 1100, 1100, 2, 16}, Shape{1, 30, 2500, 1, 8},
                            Shape{2, 57, 77, 4, 80}, Shape{1, 33, 65, 1, 512}, Shape{3, 1, 1, 2, 5}})
    expect_both_agree(shape, {});
}

TEST(Attend, ReweightsAndHidesInsideTheBlocks) {
  torch::manual_seed(2);
  const Shape shape{2, 100, 77, 4, 24};
  for (const bool before : {false, true}) {
    AttendChanges changes;
    changes.factors = torch::rand({2, 100, 77}) * 2;
    changes.before_softmax = before;
    expect_both_agree(shape, changes);
    changes.factors = changes.factors.slice(0, 0, 1).expand({2, 100, 77});
    expect_both_agree(shape, changes);
  }
  AttendChanges causal;
  causal.bias = torch::full({77, 77}, -std::numeric_limits<float>::infinity()).triu(1);
  expect_both_agree({2, 77, 77, 4, 24}, causal);
}

TEST(Attend, IsWhatTheLibraryComputes) {
  if (!has_library_attention()) GTEST_SKIP() << "this libtorch has no attention in one piece";
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const auto q = torch::randn({2, 30, 96}), k = torch::randn({2, 77, 96}), v = torch::randn({2, 77, 96});
  const auto bias = torch::randn({30, 77});
  for (const auto& added : {torch::Tensor(), bias}) {
    AttendChanges changes;
    changes.bias = added;
    EXPECT_TRUE(
        torch::allclose(library_attention(q, k, v, 4, added), attend(q, k, v, 4, changes), 1e-4, 1e-5));
  }
}

TEST(Attend, HasTheSameBytesWhateverTheThreads) {
  const torch::NoGradGuard no_grad;
  const auto q = torch::randn({2, 70, 96}), k = torch::randn({2, 90, 96});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = attend(q, k, k, 3);
  at::set_num_threads(3);
  EXPECT_TRUE(attend(q, k, k, 3).equal(one));
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace kizu::layers
