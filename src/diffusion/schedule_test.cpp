#include "diffusion/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "diffusion/time_grid.h"

namespace kizu::diffusion {
namespace {

TEST(Schedule, HasThePublishedValues) {
  const Schedule s;
  EXPECT_EQ(s.steps(), 1000);
  EXPECT_NEAR(s.alpha_bar()[0], 0.99915, 1e-12);
  EXPECT_NEAR(s.alpha_bar()[1], 0.99829603, 1e-8);
  EXPECT_NEAR(s.alpha_bar()[500], 0.27633268, 1e-8);
  EXPECT_NEAR(s.alpha_bar()[999], 0.00466010, 1e-8);
  EXPECT_EQ(s.alpha_bar_prev()[0], 1);
  EXPECT_EQ(s.posterior_variance()[0], 0);
}

TEST(Schedule, RefusesWhatIsNoSchedule) {
  EXPECT_THROW(Schedule({BetaCurve::kLinear, 0, 1e-4, 0.02}), Error);
  EXPECT_THROW(Schedule({BetaCurve::kLinear, 10, 0.5, 1.5}), Error);
}

TEST(Schedule, ConversionsAgree) {
  const Schedule s;
  torch::manual_seed(1);
  const auto x_0 = torch::randn({3, 2, 4, 4}, torch::kFloat64), eps = torch::randn_like(x_0);
  const auto t = torch::tensor({0, 500, 999});
  const auto x_t = q_sample(s, x_0, eps, t), v = v_from(s, x_0, eps, t);
  const auto same = [](const torch::Tensor& a, const torch::Tensor& b) {
    return torch::allclose(a, b, 1e-9, 1e-9);
  };
  EXPECT_TRUE(same(x_0_from_eps(s, x_t, eps, t), x_0));
  EXPECT_TRUE(same(eps_from_x_0(s, x_t, x_0, t), eps));
  EXPECT_TRUE(same(x_0_from_v(s, x_t, v, t), x_0));
  EXPECT_TRUE(same(eps_from_v(s, x_t, v, t), eps));
}

TEST(Schedule, PosteriorIsTheProductOfItsParts) {
  // q(x_{t-1} | x_t, x_0) by completing the square of q(x_t | x_{t-1}) q(x_{t-1} | x_0).
  const Schedule s;
  const size_t t = 300;
  const double beta = s.beta()[t], a_prev = s.alpha_bar_prev()[t];
  const double precision = (1 - beta) / beta + 1 / (1 - a_prev);
  EXPECT_NEAR(s.posterior_variance()[t], 1 / precision, 1e-12);
  EXPECT_NEAR(s.posterior_mean_x_0()[t], std::sqrt(a_prev) / (1 - a_prev) / precision, 1e-12);
  EXPECT_NEAR(s.posterior_mean_x_t()[t], std::sqrt(1 - beta) / beta / precision, 1e-12);
}

TEST(TimeGrid, Reference) {
  const Schedule s;
  EXPECT_THAT(time_grid(s, 4, Spacing::kReference), testing::ElementsAre(1, 251, 501, 751));
  EXPECT_EQ(time_grid(s, 30, Spacing::kReference).size(), 31u);
  try {
    time_grid(s, 37, Spacing::kReference);
    FAIL() << "37 steps reach t = 1000";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("steps"));
  }
}

TEST(TimeGrid, OursHaveExactlyTheStepsAndBeginAtTheLast) {
  for (const int64_t total : {10, 999, 1000})
    for (const auto spacing : {Spacing::kTrailing, Spacing::kLogSnr}) {
      const Schedule s({BetaCurve::kScaledLinear, total, 0.00085, 0.012});
      for (int64_t steps = 1; steps <= total; steps += 1 + steps / 3) {
        const auto grid = time_grid(s, steps, spacing);
        ASSERT_EQ(static_cast<int64_t>(grid.size()), steps);
        EXPECT_EQ(grid.back(), total - 1);
        EXPECT_GE(grid.front(), 0);
        for (size_t i = 1; i < grid.size(); ++i) EXPECT_LT(grid[i - 1], grid[i]) << steps << " of " << total;
      }
    }
}

TEST(TimeGrid, LogSnrIsEven) {
  const Schedule s;
  const auto grid = time_grid(s, 9, Spacing::kLogSnr);
  const double stride = (s.log_snr(0) - s.log_snr(999)) / 8;
  for (size_t i = 1; i < grid.size(); ++i)
    EXPECT_NEAR(s.log_snr(grid[i - 1]) - s.log_snr(grid[i]), stride, 0.3) << i;
}

TEST(TimeGrid, StepsLinkUpAndEndWhereTold) {
  const Schedule s;
  for (const auto ending : {Ending::kNoisy, Ending::kClean}) {
    const auto plan = sampler_steps(s, 7, Spacing::kTrailing, ending);
    for (size_t i = 1; i < plan.size(); ++i) {
      EXPECT_EQ(plan[i - 1].t_next, plan[i].t);
      EXPECT_EQ(plan[i - 1].alpha_bar_next, plan[i].alpha_bar);
    }
    EXPECT_EQ(plan.back().alpha_bar_next, ending == Ending::kClean ? 1 : s.alpha_bar()[0]);
  }
}

}  // namespace
}  // namespace kizu::diffusion
