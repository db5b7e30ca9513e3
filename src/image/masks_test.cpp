#include "image/masks.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kizu {
namespace {

/// '#' is set.
Mask drawn(const std::vector<std::string>& rows) {
  Mask mask = Mask::blank(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()));
  for (int y = 0; y < mask.height; y++)
    for (int x = 0; x < mask.width; x++) mask.at(x, y) = rows[y][x] == '#';
  return mask;
}

std::vector<std::string> shown(const Mask& mask) {
  std::vector<std::string> rows;
  for (int y = 0; y < mask.height; y++) {
    rows.emplace_back();
    for (int x = 0; x < mask.width; x++) rows.back() += mask.at(x, y) ? '#' : '.';
  }
  return rows;
}

Mask noisy(int width, int height, int one_in) {
  Mask mask = Mask::blank(width, height);
  std::uint32_t state = 99;
  for (std::uint8_t& value : mask.values) {
    state = state * 1664525u + 1013904223u;
    value = (state >> 16) % one_in == 0;
  }
  return mask;
}

/// The definition, pixel by pixel.
Mask dilated_slowly(const Mask& mask, int radius) {
  Mask out = Mask::blank(mask.width, mask.height);
  for (int y = 0; y < mask.height; y++)
    for (int x = 0; x < mask.width; x++)
      for (int v = 0; v < mask.height; v++)
        for (int u = 0; u < mask.width; u++)
          if (mask.at(u, v) && std::abs(u - x) <= radius && std::abs(v - y) <= radius) out.at(x, y) = 1;
  return out;
}

TEST(Masks, AreaAndBox) {
  const Mask mask = drawn({"....", ".##.", "...#"});
  EXPECT_EQ(area(mask), 3);
  const Box box = bounding_box(mask);
  EXPECT_EQ(box.x0, 1);
  EXPECT_EQ(box.y0, 1);
  EXPECT_EQ(box.x1, 4);
  EXPECT_EQ(box.y1, 3);
  EXPECT_TRUE(bounding_box(Mask::blank(3, 3)).empty());
  EXPECT_EQ(area(Mask{}), 0);
  EXPECT_DOUBLE_EQ(share_of_photo(mask), 0.25);
  EXPECT_EQ(share_of_photo(Mask{}), 0);
}

TEST(Masks, ComponentsJoinAtCorners) {
  std::vector<int> labels;
  const auto found = components(drawn({"#..#", ".#..", "...#", "...#"}), &labels);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].area, 2);
  EXPECT_DOUBLE_EQ(found[0].center_x, 0.5);
  EXPECT_DOUBLE_EQ(found[0].center_y, 0.5);
  EXPECT_EQ(found[1].area, 1);
  EXPECT_EQ(found[2].box.y1, 4);
  EXPECT_EQ(labels, (std::vector<int>{1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3}));
  EXPECT_TRUE(components(Mask::blank(3, 3)).empty());
}

TEST(Masks, AWholePictureIsOneComponent) {
  Mask mask = Mask::blank(700, 500);
  std::fill(mask.values.begin(), mask.values.end(), 1);
  const auto found = components(mask);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].area, 350'000);
}

TEST(Masks, DilationIsItsDefinition) {
  for (const int radius : {0, 1, 2, 5, 40}) {
    const Mask mask = noisy(31, 17, 60);
    EXPECT_EQ(dilate(mask, radius).values, dilated_slowly(mask, radius).values) << radius;
  }
  EXPECT_EQ(area(dilate(Mask::blank(9, 9), 3)), 0);
}

TEST(Masks, ErosionKeepsWhatIsDeepInside) {
  EXPECT_EQ(shown(erode(drawn({".....", ".###.", ".###.", ".###.", "....."}), 1)),
            (std::vector<std::string>{".....", ".....", "..#..", ".....", "....."}));
}

TEST(Masks, ARingSurroundsWithoutTouching) {
  EXPECT_EQ(
      shown(ring(drawn({".......", ".......", ".......", "...#...", ".......", ".......", "......."}), 1, 1)),
      (std::vector<std::string>{".......", ".#####.", ".#...#.", ".#...#.", ".#...#.", ".#####.",
                                "......."}));
}

TEST(Masks, ShrinkingCountsWhatIsCovered) {
  const Mask mask = drawn({"##..", "#...", "....", "...#"});
  EXPECT_EQ(shown(resize(mask, 2, 2, 0.5)), (std::vector<std::string>{"#.", ".."}));
  EXPECT_EQ(shown(resize(mask, 2, 2, 0.75)), (std::vector<std::string>{"#.", ".."}));
  EXPECT_EQ(shown(resize(mask, 2, 2, 0.76)), (std::vector<std::string>{"..", ".."}));
  EXPECT_EQ(shown(resize(mask, 2, 2, 0.0)), (std::vector<std::string>{"#.", ".#"}));
}

TEST(Masks, NoRegionVanishesAtThresholdZero) {
  Mask mask = Mask::blank(101, 97);
  mask.at(57, 93) = 1;
  for (const int size : {1, 3, 10, 64}) EXPECT_GE(area(resize(mask, size, size, 0)), 1) << size;
  EXPECT_EQ(area(resize(Mask::blank(101, 97), 10, 10, 0)), 0);
}

TEST(Masks, EnlargingAndShrinkingBackIsTheSame) {
  const Mask mask = noisy(13, 9, 3);
  EXPECT_EQ(resize(resize(mask, 39, 36), 13, 9).values, mask.values);
  EXPECT_EQ(resize(mask, 13, 9).values, mask.values);
}

TEST(Masks, Crop) {
  EXPECT_EQ(shown(crop(drawn({"....", ".##.", "...#"}), {1, 1, 4, 3})),
            (std::vector<std::string>{"##.", "..#"}));
  EXPECT_THROW(crop(Mask::blank(3, 3), {0, 0, 4, 1}), std::logic_error);
}

}  // namespace
}  // namespace kizu
