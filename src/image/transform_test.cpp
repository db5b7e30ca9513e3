#include "image/transform.h"

#include <gtest/gtest.h>

#include <cmath>

#include "image/decode.h"
#include "image/sample_files.h"

namespace kizu {
namespace {

TEST(Resize, ShrinkingAverages) {
  const Image image{4, 2, 1, 8, {10, 20, 0, 255, 30, 40, 0, 255}};
  EXPECT_EQ(resize(image, 2, 1).values, (std::vector<std::uint16_t>{25, 128}));
  // thirds: the middle pixel counts half in each
  EXPECT_EQ(resize(Image{3, 1, 1, 8, {0, 90, 30}}, 2, 1).values, (std::vector<std::uint16_t>{30, 50}));
}

TEST(Resize, KeepsChannelsDepthAndFlatPictures) {
  Image flat = Image::blank(50, 31, 3, 16);
  for (std::uint16_t& value : flat.values) value = 40'001;
  for (const int size : {1, 7, 50, 133}) {
    const Image out = resize(flat, size, size + 1);
    ASSERT_EQ(out.depth, 16);
    ASSERT_EQ(out.channels, 3);
    ASSERT_EQ(out.values.size(), static_cast<std::size_t>(size) * (size + 1) * 3);
    for (const std::uint16_t value : out.values) ASSERT_EQ(value, 40'001);
  }
}

TEST(Resize, EnlargingFollowsASlopeAndStaysInRange) {
  Image slope = Image::blank(16, 1, 1);
  for (int x = 0; x < 16; x++) slope.at(x, 0) = static_cast<std::uint16_t>(10 * x);
  const Image wide = resize(slope, 64, 1);  // cubic interpolation is exact on a line
  for (int x = 12; x < 52; x++) EXPECT_NEAR(wide.at(x, 0), 10 * ((x + 0.5) / 4 - 0.5), 0.51) << x;
  const Image edge = resize(Image{4, 1, 1, 8, {0, 0, 255, 255}}, 40, 1);  // overshoot is clamped
  for (const std::uint16_t value : edge.values) EXPECT_LE(value, 255);
}

TEST(Resize, SameSizeIsTheSamePicture) {
  const Image image = sample::pattern(9, 7, 3);
  EXPECT_EQ(resize(image, 9, 7).values, image.values);
  EXPECT_EQ(resize(resize(sample::pattern(1, 1, 3), 5, 5), 1, 1).values, sample::pattern(1, 1, 3).values);
}

TEST(Crop, CopiesTheBox) {
  const Image image = sample::pattern(6, 5, 3);
  const Image part = crop(image, {2, 1, 5, 5});
  ASSERT_EQ(part.width, 3);
  ASSERT_EQ(part.height, 4);
  for (int c = 0; c < 3; c++) EXPECT_EQ(part.at(1, 2, c), image.at(3, 3, c));
  EXPECT_THROW(crop(image, {-1, 0, 3, 3}), std::logic_error);
}

TEST(Colours, GreyAndBack) {
  const Image grey = sample::pattern(4, 3, 1, 16);
  EXPECT_EQ(to_grey(to_rgb(grey)).values, grey.values);
  EXPECT_EQ(to_grey(Image{1, 1, 3, 8, {255, 0, 0}}).values[0], 76);
  EXPECT_EQ(to_grey(Image{1, 1, 3, 16, {65535, 65535, 65535}}).values[0], 65535);
}

TEST(Colours, EightBitsAreTheNearest) {
  Image image = Image::blank(256, 1, 1, 16);
  for (int x = 0; x < 256; x++) image.at(x, 0) = static_cast<std::uint16_t>(257 * x);
  const Image small = to_8bit(image);
  EXPECT_EQ(small.depth, 8);
  for (int x = 0; x < 256; x++) ASSERT_EQ(small.at(x, 0), x);
  EXPECT_EQ(to_8bit(Image{2, 1, 1, 16, {128, 129}}).values, (std::vector<std::uint16_t>{0, 1}));
}

TEST(Inpaint, FillsTheHoleAndTouchesNothingElse) {
  if (!can_decode()) GTEST_SKIP() << "built without OpenCV";
  for (const int depth : {8, 16}) {
    Image image = Image::blank(32, 32, 3, depth);
    const int one = depth == 16 ? 257 : 1;
    for (std::size_t i = 0; i < image.values.size(); i++)
      image.values[i] = static_cast<std::uint16_t>((100 + i % 2) * one);
    Mask hole = Mask::blank(32, 32);
    for (int y = 12; y < 20; y++)
      for (int x = 12; x < 20; x++) {
        hole.at(x, y) = 1;
        for (int c = 0; c < 3; c++) image.at(x, y, c) = 0;
      }
    const Image filled = inpaint(image, hole, 3);
    for (int y = 0; y < 32; y++)
      for (int x = 0; x < 32; x++)
        for (int c = 0; c < 3; c++) {
          if (hole.at(x, y)) {
            ASSERT_NEAR(filled.at(x, y, c), 100 * one, 3 * one);
          } else {
            ASSERT_EQ(filled.at(x, y, c), image.at(x, y, c));
          }
        }
  }
}

TEST(Overlay, TintsInsideOutlinesAndLeavesTheRest) {
  const Image image = sample::pattern(9, 9, 1, 16);
  Mask mask = Mask::blank(9, 9);
  for (int y = 2; y < 7; y++)
    for (int x = 2; x < 7; x++) mask.at(x, y) = 1;
  const Image out = overlay(image, mask, 255, 0, 10);
  ASSERT_EQ(out.channels, 3);
  ASSERT_EQ(out.depth, 8);
  EXPECT_EQ(out.at(2, 2, 0), 255);
  EXPECT_EQ(out.at(2, 2, 1), 0);
  EXPECT_EQ(out.at(2, 2, 2), 10);
  EXPECT_EQ(out.at(0, 0, 1), to_8bit(image).at(0, 0));
  EXPECT_EQ(out.at(4, 4, 1), (to_8bit(image).at(4, 4) * 70 + 50) / 100);
}

TEST(ContactSheet, PlacesPicturesInRows) {
  std::vector<Image> images(3, Image::blank(20, 10, 1));
  for (Image& image : images) std::fill(image.values.begin(), image.values.end(), std::uint16_t{50});
  const Image sheet = contact_sheet(images, 2, 8, 2);
  EXPECT_EQ(sheet.width, 2 * 10 + 2);
  EXPECT_EQ(sheet.height, 2 * 10 + 2);
  EXPECT_EQ(sheet.at(0, 0), 255);
  EXPECT_EQ(sheet.at(6, 6), 50);     // first, centred in its cell
  EXPECT_EQ(sheet.at(16, 6), 50);    // second
  EXPECT_EQ(sheet.at(6, 16), 50);    // third, in the next row
  EXPECT_EQ(sheet.at(16, 16), 255);  // no fourth
}

}  // namespace
}  // namespace kizu
