#include "quality/surface_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kizu::quality {
namespace {

/// Grey 100 with a square of 10 px and grey 140 in the middle.
DefectPicture square(int channels = 1) {
  DefectPicture picture{Image::blank(50, 60, channels), Mask::blank(50, 60)};
  for (auto& value : picture.image.values) value = 100;
  for (int y = 25; y < 35; y++)
    for (int x = 20; x < 30; x++) {
      picture.mask.at(x, y) = 1;
      for (int c = 0; c < channels; c++) picture.image.at(x, y, c) = 140;
    }
  return picture;
}

double of(const SurfaceStatistics& s, const std::string& name) {
  for (size_t i = 0; i < s.size(); i++)
    if (kSurfaceNames[i] == name) return s[i];
  ADD_FAILURE() << name;
  return 0;
}

TEST(SurfaceStatistics, AFlatSquareHasContrastAndAnEdgeButNoTexture) {
  const auto s = surface_statistics(square());
  for (const char* colour : {"red", "green", "blue"}) {
    EXPECT_NEAR(of(s, std::string("contrast ") + colour), 40, 1e-4);
    EXPECT_NEAR(of(s, std::string("spread ") + colour), 0, 1e-4);
  }
  EXPECT_NEAR(of(s, "dark end"), 40, 1e-4);
  EXPECT_NEAR(of(s, "bright end"), 40, 1e-4);
  EXPECT_NEAR(of(s, "grain around"), 0, 1e-4);
  // A step of 40 is a central difference of 20 on both sides of it; corners have less on the outside.
  EXPECT_NEAR(of(s, "edge"), 20, 1.5);
  EXPECT_LT(of(s, "gradient"), 10);
}

TEST(SurfaceStatistics, ColoursAreToldApart) {
  auto picture = square(3);
  for (int y = 25; y < 35; y++)
    for (int x = 20; x < 30; x++) {
      picture.image.at(x, y, 0) = 100;
      picture.image.at(x, y, 2) = static_cast<uint16_t>((x + y) % 2 ? 120 : 160);
    }
  const auto s = surface_statistics(picture);
  EXPECT_NEAR(of(s, "contrast red"), 0, 1e-4);
  EXPECT_NEAR(of(s, "contrast blue"), 40, 1e-4);
  EXPECT_NEAR(of(s, "spread blue"), 20, 1e-4);
  EXPECT_NEAR(of(s, "spread green"), 0, 1e-4);
}

// A chequerboard of +-20: the mean of 3 x 3 takes all but a ninth of it away, at the mask's border all.
TEST(SurfaceStatistics, GrainIsFineDetail) {
  auto picture = square();
  for (auto& value : picture.image.values) value = 140;
  for (int y = 25; y < 35; y++)
    for (int x = 20; x < 30; x++) picture.image.at(x, y) = static_cast<uint16_t>((x + y) % 2 ? 120 : 160);
  const auto s = surface_statistics(picture);
  EXPECT_GT(of(s, "fine detail"), 20 * 8.0 / 9 - 0.2);
  EXPECT_LT(of(s, "fine detail"), 20.01);
  EXPECT_LT(of(s, "coarse detail"), 1.2);
  EXPECT_NEAR(of(s, "grain around"), 0, 2);
}

// Half as dark one px outside of the mask, as real defects are; with a cut at the mask there is nothing.
TEST(SurfaceStatistics, WhatShowsBeyondTheMaskIsTold) {
  auto picture = square();
  EXPECT_NEAR(of(surface_statistics(picture), "beyond the mask"), 0, 1e-4);
  for (int y = 24; y < 36; y++)
    for (int x = 19; x < 31; x++)
      if (!picture.mask.at(x, y)) picture.image.at(x, y) = 120;
  EXPECT_NEAR(of(surface_statistics(picture), "beyond the mask"), 20, 1e-4);
}

TEST(SurfaceStatistics, AMaskThatFillsThePhotoIsNoFault) {
  auto picture = square();
  for (auto& value : picture.mask.values) value = 1;
  for (const double value : surface_statistics(picture)) EXPECT_TRUE(std::isfinite(value));
}

TEST(MaskStatistics, OfARectangle) {
  auto mask = Mask::blank(40, 40);
  for (int y = 10; y < 14; y++)
    for (int x = 10; x < 30; x++) mask.at(x, y) = 1;
  const auto s = mask_statistics(mask);
  EXPECT_NEAR(s[0], std::log(80), 1e-12);
  EXPECT_NEAR(s[1], std::log(5), 1e-12);
  EXPECT_NEAR(s[2], 0, 1e-12);
  EXPECT_NEAR(s[3], 1, 1e-12);
  EXPECT_NEAR(s[4], std::log(80.0 / 44), 1e-12);  // 2 * 20 + 2 * 2 px on the outline
}

TEST(DefectWindow, ShowsTheDefectInTheMiddleAndRepeatsTheBorder) {
  auto picture = square();
  const auto window = defect_window(picture, 32);
  EXPECT_EQ(window.image.sizes(), (std::vector<int64_t>{3, 32, 32}));
  EXPECT_NEAR(window.image[0][16][16].item<double>(), 140.0 / 255, 1e-3);
  EXPECT_EQ(window.mask[0][16][16].item<double>(), 1);
  EXPECT_EQ(window.mask[0][0][0].item<double>(), 0);
  const auto alone = defect_alone(window);
  EXPECT_NEAR(alone[1][0][0].item<double>(), 0.5, 1e-6);
  EXPECT_NEAR(alone[1][16][16].item<double>(), 140.0 / 255, 1e-3);
  DefectPicture corner{picture.image, Mask::blank(50, 60)};
  corner.mask.at(0, 0) = 1;  // a single pixel is not lost either
  EXPECT_GT(defect_window(corner, 8).mask.sum().item<double>(), 0);
}

}  // namespace
}  // namespace kizu::quality
