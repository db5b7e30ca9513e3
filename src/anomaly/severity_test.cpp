#include "anomaly/severity.h"

#include <gtest/gtest.h>

namespace kizu::anomaly {
namespace {

TEST(Severity, IsOneForAClearDefect) {
  EXPECT_EQ(severity({-40, -35, -50}, {2, -3, 4}), 1);
  EXPECT_EQ(severity({40}, {20}), 1);
}

TEST(Severity, GrowsAsTheShotsComeNearToWhatGoodPhotosShow) {
  EXPECT_DOUBLE_EQ(severity({-5, 8, 6}, {4, -4, 4.5}), 2 * 4 / 6.0);
  EXPECT_EQ(severity({4, -4}, {-4, 4}), 2);
}

TEST(Severity, IsNeverMoreThanTwo) {
  EXPECT_EQ(severity({1}, {10}), 2);
  EXPECT_EQ(severity({0}, {10}), 2);
}

TEST(Severity, OneOddPhotoDecidesNothing) {
  EXPECT_EQ(severity({-40, -35, -50}, {2, -3, 200}), 1);
}

TEST(Severity, IsOneWithNothingToCompare) {
  EXPECT_EQ(severity({}, {10}), 1);
  EXPECT_EQ(severity({1}, {}), 1);
}

}  // namespace
}  // namespace kizu::anomaly
