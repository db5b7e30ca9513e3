#include "anomaly/residual_paste.h"

#include <gtest/gtest.h>

#include <cmath>

#include "image/masks.h"
#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

Image noise_photo(int width, int height, int channels, int depth, uint64_t seed) {
  Image image = Image::blank(width, height, channels, depth);
  NoiseStream stream(seed);
  for (auto& value : image.values) value = static_cast<std::uint16_t>(stream.below(image.max_value() + 1));
  return image;
}

TEST(Feathered, IsOneOnTheMaskAndZeroFromTheRadiusOn) {
  Mask mask = Mask::blank(60, 50);
  mask.at(20, 20) = mask.at(21, 20) = mask.at(59, 49) = 1;
  for (const double radius : {1.0, 2.5, 4.0, 9.0}) {
    const auto alpha = feathered(mask, radius);
    for (int y = 0; y < 50; y++)
      for (int x = 0; x < 60; x++) {
        const double d =
            std::min({std::hypot(x - 20, y - 20), std::hypot(x - 21, y - 20), std::hypot(x - 59, y - 49)});
        const float value = alpha[y][x].item<float>();
        ASSERT_EQ(value == 1, d == 0) << d;
        ASSERT_EQ(value == 0, d >= radius) << d;
      }
  }
}

TEST(Paste, CopiesBitForBitOutside) {
  for (const int channels : {1, 3})
    for (const int depth : {8, 16}) {
      const Image good = noise_photo(33, 21, channels, depth, 5);
      Mask mask = Mask::blank(33, 21);
      for (int x = 8; x < 20; x++) mask.at(x, 10) = 1;
      const auto alpha = feathered(mask, 3);
      const Image out = paste(good, NoiseStream(9).normal({3, 21, 33}), alpha, false);
      ASSERT_EQ(out.channels, channels);
      ASSERT_EQ(out.depth, depth);
      const Mask wide = dilate(mask, 3);
      long long changed = 0;
      for (std::size_t i = 0; i < good.values.size(); i++) {
        if (out.values[i] == good.values[i]) continue;
        changed++;
        ASSERT_EQ(wide.values[i / channels], 1);
      }
      EXPECT_GT(changed, 12 * channels / 2);
    }
}

TEST(Paste, AddsInUnitsOfThePhoto) {
  Image good = Image::blank(2, 1, 3, 16);
  std::fill(good.values.begin(), good.values.end(), std::uint16_t{30000});
  auto difference = torch::zeros({3, 1, 2});
  difference[0][0][0] = 0.1;
  difference[1][0][0] = -2;
  const Image out = paste(good, difference, torch::ones({1, 2}), false);
  EXPECT_EQ(out.at(0, 0, 0), 30000 + std::lround(65535 / 2.0 * 0.1));
  EXPECT_EQ(out.at(0, 0, 1), 0);
  EXPECT_EQ(out.at(0, 0, 2), 30000);
  EXPECT_EQ(out.at(1, 0, 0), 30000);
}

TEST(Paste, KeepsGreyPicturesGrey) {
  Image good = Image::blank(4, 4, 3);
  std::fill(good.values.begin(), good.values.end(), std::uint16_t{100});
  ASSERT_TRUE(colourless(good));
  const Image out = paste(good, NoiseStream(2).normal({3, 4, 4}) * 0.3, torch::ones({4, 4}), true);
  EXPECT_TRUE(colourless(out));
  EXPECT_NE(out.values, good.values);
}

}  // namespace
}  // namespace kizu::anomaly
