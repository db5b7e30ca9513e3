#include "quality/alignment.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace kizu::quality {
namespace {

/// 8 x 8, grey 100; the mask is the left half.
struct Scene {
  Image good = Image::blank(8, 8, 1), made;
  Mask mask = Mask::blank(8, 8);
  Scene() {
    for (auto& value : good.values) value = 100;
    for (int y = 0; y < 8; y++)
      for (int x = 0; x < 4; x++) mask.at(x, y) = 1;
    made = good;
  }
};

TEST(Alignment, AChangeThatFillsTheMaskIsPerfect) {
  Scene scene;
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 4; x++) scene.made.at(x, y) = 130;
  const auto a = alignment_of(scene.good, scene.made, scene.mask);
  EXPECT_EQ(a.auroc, 1.0);
  EXPECT_DOUBLE_EQ(a.inside, 30);
  EXPECT_DOUBLE_EQ(a.outside, 0);
  EXPECT_DOUBLE_EQ(a.visible, 1);
  EXPECT_DOUBLE_EQ(a.leak, 0);
}

TEST(Alignment, OneThatMissesHalfAndLeaksAQuarterIsCounted) {
  Scene scene;
  for (int y = 0; y < 8; y++)
    for (int x = 2; x < 5; x++) scene.made.at(x, y) = static_cast<uint16_t>(x < 4 ? 90 : 98);
  const auto a = alignment_of(scene.good, scene.made, scene.mask);
  // Half of the mask above all others; the other half below a quarter of them and level with the rest.
  EXPECT_NEAR(*a.auroc, 0.5 * 1 + 0.5 * (0.75 * 0.5), 1e-9);
  EXPECT_DOUBLE_EQ(a.inside, 5);
  EXPECT_DOUBLE_EQ(a.outside, 0.5);
  EXPECT_DOUBLE_EQ(a.visible, 0.5);
  EXPECT_DOUBLE_EQ(a.leak, 0);  // a change of 2 is not seen
}

TEST(Alignment, DepthDoesNotMatterAndChannelsAreAveraged) {
  Scene scene;
  scene.good = Image::blank(8, 8, 3, 16);
  scene.made = scene.good;
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 4; x++) scene.made.at(x, y, 1) = 257 * 30;
  EXPECT_NEAR(alignment_of(scene.good, scene.made, scene.mask).inside, 10, 1e-9);
}

TEST(Alignment, SizesMustAgree) {
  Scene scene;
  scene.made = Image::blank(8, 7, 1);
  EXPECT_THROW(alignment_of(scene.good, scene.made, scene.mask), Error);
}

}  // namespace
}  // namespace kizu::quality
