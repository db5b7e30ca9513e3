#include "core/progress.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kizu {
namespace {

TEST(Progress, ShowsCountShareTimeLeftAndDetail) {
  // 37 took 5 s, so the remaining 163 take 22 s
  EXPECT_EQ(progress_text("generate", 37, 200, 5.0, "loss 0.21"),
            "generate   37/200   18 %  0:22 left  loss 0.21");
  EXPECT_EQ(progress_text("generate", 0, 200, 5.0, ""), "generate    0/200    0 %");
  EXPECT_EQ(progress_text("generate", 200, 200, 65.2, ""), "generate  200/200  100 %  1:05");
}

TEST(Progress, CountsOnlyThisSessionsWorkInTheTimeLeft) {
  // of 100, 50 were found done; 10 took 20 s, so the remaining 40 take 80 s
  EXPECT_EQ(progress_text("train", 60, 100, 20.0, "", 50), "train   60/100   60 %  1:20 left");
  EXPECT_EQ(progress_text("train", 50, 100, 20.0, "", 50), "train   50/100   50 %");
}

TEST(Progress, BearsStrangeNumbers) {
  EXPECT_EQ(progress_text("scan", 12, 0, 1.0, "photos"), "scan  12  photos");
  EXPECT_EQ(progress_text("x", 7, 5, 1.0, ""), "x  7/5  100 %  0:01");
  EXPECT_EQ(progress_text("x", -1, 5, 1.0, ""), "x  -1/5    0 %");
  EXPECT_EQ(progress_text("x", 1, 5, NAN, ""), "x  1/5   20 %  ? left");
  EXPECT_EQ(progress_text("x", 1LL << 61, 1LL << 62, 1.0, "").find("50 %") != std::string::npos, true);
}

TEST(Progress, FormatsTimes) {
  EXPECT_EQ(clock_text(0), "0:00");
  EXPECT_EQ(clock_text(59.6), "1:00");
  EXPECT_EQ(clock_text(3599), "59:59");
  EXPECT_EQ(clock_text(3723), "1:02:03");
  EXPECT_EQ(clock_text(-1), "?");
  EXPECT_EQ(clock_text(INFINITY), "?");
}

TEST(ProgressText, RemembersWhereAStepBegan) {
  ProgressText text;
  text.line("learn", 40, 100, "", 1000);  // resumed at 40
  EXPECT_EQ(text.line("learn", 50, 100, "", 1010), "learn   50/100   50 %  0:50 left");
  text.line("masks", 0, 10, "", 1020);
  EXPECT_EQ(text.line("masks", 5, 10, "", 1030), "masks   5/10   50 %  0:10 left");
}

}  // namespace
}  // namespace kizu
