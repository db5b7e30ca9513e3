#include "anomaly/contrast_matching.h"

#include <gtest/gtest.h>

namespace kizu::anomaly {
namespace {

struct ContrastMatching : testing::Test {
  torch::Tensor mask = torch::zeros({1, 16, 16}), drawn = torch::zeros({3, 16, 16}),
                target = torch::tensor({-0.4f, -0.2f, 0.3f});
  ContrastMatching() {
    mask.slice(1, 4, 12).slice(2, 4, 12).fill_(1);
    drawn.slice(1, 4, 12).slice(2, 4, 8).fill_(-0.1);  // half of the mask is drawn, all channels alike
  }
};

TEST_F(ContrastMatching, ReachesTheTargetInTheMean) {
  const auto made = mean_change(match_change(drawn, mask, target, 1), mask);
  EXPECT_TRUE(torch::allclose(made, target, 0, 1e-5)) << made;
  const auto half = mean_change(match_change(drawn, mask, target, 0.5), mask);
  EXPECT_TRUE(torch::allclose(half, (target - 0.05) / 2, 0, 1e-5)) << half;
}

TEST_F(ContrastMatching, LeavesAloneWhatWasNotDrawn) {
  const auto made = match_change(drawn, mask, target, 1);
  EXPECT_EQ(made.slice(2, 8).abs().max().item<float>(), 0);
  EXPECT_EQ(made.slice(1, 0, 4).abs().max().item<float>(), 0);
}

TEST_F(ContrastMatching, IsOffAtZeroAndWhereNothingIsThereToFollow) {
  EXPECT_TRUE(match_change(drawn, mask, target, 0).equal(drawn));
  const auto nothing = torch::full({3, 16, 16}, 1e-4);
  EXPECT_TRUE(match_change(nothing, mask, target, 1).equal(nothing));
  EXPECT_TRUE(mean_change(drawn, torch::zeros_like(mask)).equal(torch::zeros({3})));
}

}  // namespace
}  // namespace kizu::anomaly
