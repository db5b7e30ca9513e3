#include "anomaly/foreground.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "anomaly/mask_placement.h"
#include "image/masks.h"

namespace kizu::anomaly {
namespace {

std::uint16_t grain(std::mt19937& random, double value, double strength) {
  const double noise = (static_cast<double>(random() % 2001) / 1000 - 1) * strength;
  return static_cast<std::uint16_t>(std::clamp(value + noise, 0.0, 255.0));
}

/// A disc of the given brightness at (x, y) on a background.
Image part_photo(unsigned seed, double x, double y, int channels, bool hole = false) {
  std::mt19937 random(seed);
  Image image = Image::blank(160, 120, channels);
  for (int v = 0; v < image.height; v++)
    for (int u = 0; u < image.width; u++) {
      const double r = std::hypot(u - x, v - y);
      const bool on = r < 36 && !(hole && r < 8);
      for (int c = 0; c < channels; c++) image.at(u, v, c) = grain(random, on ? 170 - 30 * c : 60, 12);
    }
  return image;
}

Image surface_photo(unsigned seed, bool shaded) {
  std::mt19937 random(seed);
  Image image = Image::blank(150, 150, 1);
  for (int y = 0; y < 150; y++)
    for (int x = 0; x < 150; x++) {
      const double shade = shaded ? 60 * (1 - std::hypot(x - 75.0, y - 75.0) / 106) : 0;
      image.at(x, y) = grain(random, 110 + shade + 10 * std::sin((x + seed) / 5.0), 25);
    }
  return image;
}

TEST(PartFinder, FindsAPartOnABackground) {
  std::vector<Image> good;
  for (unsigned i = 0; i < 6; i++) good.push_back(part_photo(i, 60 + 8 * i, 55 + 3 * i, 3));
  const auto finder = PartFinder::learn(good);
  ASSERT_TRUE(finder.arrangement().part) << finder.why();
  const Image photo = part_photo(99, 80, 60, 3, true);
  const Mask found = finder.foreground(photo);
  Mask truth = Mask::blank(160, 120);
  for (int y = 0; y < 120; y++)
    for (int x = 0; x < 160; x++) truth.at(x, y) = std::hypot(x - 80, y - 60) < 36;
  EXPECT_GT(overlap(found, truth), 0.9);
}

TEST(PartFinder, ASurfaceIsForegroundEverywhere) {
  for (const bool shaded : {false, true}) {
    std::vector<Image> good;
    for (unsigned i = 0; i < 8; i++) good.push_back(surface_photo(i, shaded));
    const auto finder = PartFinder::learn(good);
    EXPECT_FALSE(finder.arrangement().part) << "shaded: " << shaded;
    const Mask found = finder.foreground(good[0]);
    EXPECT_EQ(area(found), 150 * 150);
  }
}

TEST(PartFinder, TellsPlacedPartsFromLooseOnes) {
  std::vector<Image> placed, loose;
  for (unsigned i = 0; i < 8; i++) {
    placed.push_back(part_photo(i, 80, 60, 1));
    loose.push_back(part_photo(i, 40 + 11 * i, 38 + (i * 37) % 45, 1));
  }
  EXPECT_TRUE(PartFinder::learn(placed).arrangement().aligned);
  EXPECT_FALSE(PartFinder::learn(loose).arrangement().aligned);
  std::vector<Image> surfaces;
  for (unsigned i = 0; i < 8; i++) surfaces.push_back(surface_photo(3 * i, false));
  EXPECT_FALSE(PartFinder::learn(surfaces).arrangement().aligned);
}

TEST(PartFinder, LooksAtSixteenPhotosFromFirstToLast) {
  EXPECT_EQ(PartFinder::looks_at(3), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(PartFinder::looks_at(0).empty());
  const auto chosen = PartFinder::looks_at(33);
  ASSERT_EQ(chosen.size(), 16U);
  EXPECT_EQ(chosen[1], 2U);
  EXPECT_EQ(chosen[15], 30U);
}

TEST(PartFinder, MeasuresTheShiftOfAlignedPhotos) {
  std::vector<Image> good;
  for (unsigned i = 0; i < 9; i++) good.push_back(part_photo(i, 78 + i % 3 * 2, 58 + i / 3 * 2, 1));
  const auto finder = PartFinder::learn(good);
  ASSERT_TRUE(finder.arrangement().aligned);
  const auto left = finder.layout(part_photo(50, 72, 60, 1)),
             right = finder.layout(part_photo(51, 87, 54, 1));
  EXPECT_NEAR(160 * (right.dx - left.dx), 15, 3.5);
  EXPECT_NEAR(120 * (right.dy - left.dy), -6, 3);
}

TEST(PartFinder, WithoutPhotosOrOnTinyOnesEverythingIsForeground) {
  EXPECT_EQ(area(PartFinder::learn({}).foreground(Image::blank(7, 5, 1))), 35);
  EXPECT_EQ(area(PartFinder::learn({Image::blank(1, 1, 3, 16)}).foreground(Image::blank(1, 1, 3, 16))), 1);
  EXPECT_EQ(area(PartFinder::learn({Image::blank(64, 64, 1)}).foreground(Image::blank(64, 64, 1))), 64 * 64);
}

}  // namespace
}  // namespace kizu::anomaly
