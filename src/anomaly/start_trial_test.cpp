#include "anomaly/start_trial.h"

#include <gtest/gtest.h>

namespace kizu::anomaly {
namespace {

TEST(StartTrial, half_from_noise_where_that_is_clearly_nearer) {
  const auto choice = StartTrial{{0.3, 0.6, 0.2}, {0.5, 0.4, 0.6}, {0.6}}.choice();
  EXPECT_EQ(choice.from_shots, 0.5);
  EXPECT_EQ(choice.redraw, StartTrial::kHalf);
}

TEST(StartTrial, all_from_shots_where_noise_does_as_well) {
  const auto choice = StartTrial{{0.5, 0.5, 0.5}, {0.4, 0.6, 0.5}, {0.6}}.choice();
  EXPECT_EQ(choice.from_shots, 1);
  EXPECT_EQ(choice.redraw, StartTrial::kHalf);
}

TEST(StartTrial, little_is_redrawn_where_half_is_no_nearer) {
  const auto choice = StartTrial{{1.4}, {0.6}, {0.6}}.choice();
  EXPECT_EQ(choice.from_shots, 1);
  EXPECT_EQ(choice.redraw, StartTrial::kLittle);
}

TEST(StartTrial, noise_may_do_where_a_shot_needs_its_own_pixels) {
  const auto choice = StartTrial{{0.4}, {0.75}, {0.57}}.choice();
  EXPECT_EQ(choice.from_shots, 0.5);
  EXPECT_EQ(choice.redraw, StartTrial::kLittle);
}

TEST(StartTrial, one_odd_trial_decides_nothing) {
  EXPECT_EQ((StartTrial{{0.3, 0.3, 50}, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}}.choice().from_shots), 0.5);
}

TEST(StartTrial, what_fills_its_window_keeps_its_own_pixels) {
  const StartTrial trial{{0.4}, {0.5}, {0.6}};
  EXPECT_EQ(trial.choice(0.1).from_shots, 0.5);
  EXPECT_EQ(trial.choice(0.2).from_shots, 1);
  EXPECT_EQ(trial.choice(0.2).redraw, StartTrial::kLittle);
}

TEST(StartTrial, says_what_it_saw) {
  const auto told = StartTrial{{1, 3}, {1}, {1}}.describe();
  EXPECT_EQ(told["distances"]["from_noise"], 2);
  EXPECT_EQ(told["distances"]["half_redrawn"], 1);
  EXPECT_EQ(told["from_shots"], 1);
}

}  // namespace
}  // namespace kizu::anomaly
