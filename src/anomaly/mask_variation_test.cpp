#include "anomaly/mask_variation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "image/masks.h"

namespace kizu::anomaly {
namespace {

Mask disc(int size, double x, double y, double radius) {
  Mask mask = Mask::blank(size, size);
  for (int v = 0; v < size; v++)
    for (int u = 0; u < size; u++) mask.at(u, v) = std::hypot(u + 0.5 - x, v + 0.5 - y) <= radius;
  return mask;
}

/// A wavy line from left to right, `width` px thick.
Mask crack(int size, int width) {
  Mask mask = Mask::blank(size, size);
  for (int x = 20; x < size - 20; x++) {
    const int y = size / 2 + static_cast<int>(std::lround(size / 8.0 * std::sin(x / 12.0)));
    for (int k = 0; k < width; k++) mask.at(x, y + k) = 1;
    // Steep pieces stay joined.
    const int next = size / 2 + static_cast<int>(std::lround(size / 8.0 * std::sin((x + 1) / 12.0)));
    for (int v = std::min(y, next); v <= std::max(y, next) && x + 1 < size - 20; v++) mask.at(x, v) = 1;
  }
  return mask;
}

TEST(Vary, ThinLinesNeverBreakAndKeepTheirWidth) {
  for (const int width : {1, 2, 3}) {
    const Mask line = crack(160, width);
    const double ratio = static_cast<double>(area(line)) / bounding_box(line).width();
    const Stencil stencil = cut_out(line);
    NoiseStream stream(7);
    for (int i = 0; i < 40; i++) {
      const Variation variation = draw_variation(stencil, stream, {});
      const Stencil shape = vary(stencil, variation);
      EXPECT_EQ(components(shape.mask).size(), 1u) << "width " << width << ", variation " << i;
      // Length scales, width stays: the area grows with the scale, not with its square.
      const double expected = ratio * bounding_box(line).width() * variation.scale;
      EXPECT_GT(static_cast<double>(area(shape.mask)), 0.75 * expected);
      EXPECT_LT(static_cast<double>(area(shape.mask)), 1.45 * expected);
    }
  }
}

TEST(Vary, DotsNeverVanish) {
  Mask dot = Mask::blank(30, 30);
  dot.at(14, 15) = 1;
  const Stencil stencil = cut_out(dot);
  NoiseStream stream(3);
  VariationOptions options;
  options.smallest = 0.2;
  options.largest = 0.3;
  for (int i = 0; i < 50; i++) {
    const Stencil shape = vary(stencil, draw_variation(stencil, stream, options));
    EXPECT_GE(area(shape.mask), 1);
    EXPECT_LE(area(shape.mask), 4);
  }
}

TEST(Vary, BlobsScaleWithTheSquare) {
  const Mask blob = disc(100, 50, 50, 18);
  const Stencil stencil = cut_out(blob);
  for (const double scale : {0.8, 1.0, 1.25}) {
    Variation variation;
    variation.scale = scale;
    variation.angle = 17;
    const double expected = static_cast<double>(area(blob)) * scale * scale;
    EXPECT_NEAR(static_cast<double>(area(vary(stencil, variation).mask)), expected, 0.06 * expected) << scale;
  }
}

TEST(Vary, RoundBlobsStayRound) {
  const Stencil stencil = cut_out(disc(60, 30, 30, 7));
  for (const double angle : {0.0, 11.0, 33.0}) {
    Variation variation;
    variation.scale = 1.2;
    variation.angle = angle;
    const Stencil shape = vary(stencil, variation);
    for (int y = 0; y < shape.mask.height; y++)
      for (int x = 0; x < shape.mask.width; x++) {
        const double r = std::hypot(x + 0.5 - shape.anchor_x, y + 0.5 - shape.anchor_y);
        EXPECT_TRUE(r > 9.6 ? !shape.mask.at(x, y) : r > 7.2 || shape.mask.at(x, y)) << r;
      }
  }
}

TEST(Vary, DoesNothingWhenNothingIsAsked) {
  const Mask line = crack(120, 2);
  const Stencil stencil = cut_out(line);
  const Stencil same = vary(stencil, {});
  EXPECT_EQ(same.mask.values, stencil.mask.values);
  EXPECT_DOUBLE_EQ(same.anchor_x, stencil.anchor_x);
  EXPECT_DOUBLE_EQ(same.anchor_y, stencil.anchor_y);
}

TEST(Vary, FlipsAboutTheAnchor) {
  Mask corner = Mask::blank(40, 40);
  for (int i = 0; i < 12; i++) corner.at(10 + i, 10) = corner.at(10, 10 + i) = 1;
  Variation variation;
  variation.flip_x = true;
  const Stencil flipped = vary(cut_out(corner), variation);
  ASSERT_EQ(flipped.mask.width, 12);
  EXPECT_EQ(flipped.mask.at(11, 11), 1);
  EXPECT_EQ(flipped.mask.at(0, 11), 0);
}

TEST(Vary, DependsOnItsSeedAlone) {
  const Stencil stencil = cut_out(disc(80, 30, 40, 11));
  Variation variation;
  variation.elastic = 0.06;
  variation.seed = 5;
  const auto first = vary(stencil, variation), again = vary(stencil, variation);
  EXPECT_EQ(first.mask.values, again.mask.values);
  variation.seed = 6;
  EXPECT_NE(first.mask.values, vary(stencil, variation).mask.values);
}

TEST(CutOut, GoesOnBeyondATouchedBorder) {
  Mask mask = Mask::blank(60, 60);
  for (int y = 20; y < 30; y++)
    for (int x = 0; x < 9; x++) mask.at(x, y) = 1;
  const Stencil stencil = cut_out(mask);
  EXPECT_TRUE(stencil.touches.left);
  EXPECT_FALSE(stencil.touches.top || stencil.touches.right || stencil.touches.bottom);
  EXPECT_GT(stencil.mask.width, 9);
  EXPECT_EQ(stencil.mask.height, 10);
  EXPECT_EQ(stencil.anchor_x, stencil.mask.width - 9);
  EXPECT_EQ(stencil.photo_x, 0);
}

TEST(VariationOptions, AreNamedWhenWrong) {
  VariationOptions options;
  options.rotation = 200;
  EXPECT_THROW(options.check(), Error);
}

}  // namespace
}  // namespace kizu::anomaly
