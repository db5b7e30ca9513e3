#include "anomaly/scoring.h"

#include <gtest/gtest.h>

#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

/// A flat, slightly grainy photo.
Image plain(uint64_t seed, int channels = 1, int depth = 8) {
  Image image = Image::blank(80, 80, channels, depth);
  NoiseStream stream(seed);
  const double unit = image.max_value() / 255.0;
  for (auto& value : image.values) value = static_cast<std::uint16_t>((120 + 4 * stream.normal()) * unit);
  return image;
}

Mask spot(int x0, int y0, int side) {
  Mask mask = Mask::blank(80, 80);
  for (int y = y0; y < y0 + side; y++)
    for (int x = x0; x < x0 + side; x++) mask.at(x, y) = 1;
  return mask;
}

Image darkened(Image image, const Mask& mask, double by, int channel = -1) {
  const double unit = image.max_value() / 255.0;
  for (std::size_t i = 0; i < image.values.size(); i++) {
    const bool hit =
        mask.values[i / image.channels] && (channel < 0 || static_cast<int>(i) % image.channels == channel);
    if (hit) image.values[i] = static_cast<std::uint16_t>(std::max(0.0, image.values[i] - by * unit));
  }
  return image;
}

/// The same, lit from the left.
Image lit(uint64_t seed) {
  Image image = plain(seed);
  for (int y = 0; y < image.height; y++)
    for (int x = 0; x < image.width; x++)
      image.at(x, y) = static_cast<std::uint16_t>(image.at(x, y) + 60 - x);
  return image;
}

Mask with_strip(int x0, int x1) {
  Mask mask = Mask::blank(80, 80);
  for (int y = 20; y < 50; y++)
    for (int x = x0; x < x1; x++) mask.at(x, y) = 1;
  return mask;
}

std::vector<Shot> shots() {
  std::vector<Shot> out;
  for (uint64_t i = 0; i < 4; i++) {
    const Mask mask = spot(20 + static_cast<int>(i) * 5, 30, 12);
    out.push_back({darkened(plain(i), mask, 50 + 5 * static_cast<double>(i)), mask});
  }
  return out;
}

TEST(Appearance, MeasuresContrastInUnitsOf255WhateverTheDepth) {
  const Mask mask = spot(30, 30, 10);
  const auto eight = appearance_of(darkened(plain(1), mask, 60), mask);
  const auto sixteen = appearance_of(darkened(plain(1, 1, 16), mask, 60), mask);
  EXPECT_NEAR(eight[0], -60, 2);
  for (std::size_t k = 0; k < eight.size(); k++) EXPECT_NEAR(eight[k], sixteen[k], 1.5) << k;
  EXPECT_NEAR(eight[6], 4, 1.5);
  EXPECT_GT(eight[5], 2 * eight[4]);
}

TEST(Appearance, SeesADefectOfColourAlone) {
  const Mask mask = spot(30, 30, 10);
  EXPECT_NEAR(appearance_of(darkened(plain(1, 3), mask, 60, 2), mask)[0], -60, 3);
}

TEST(Appearance, OfAMaskThatFillsThePhotoIsFinite) {
  const auto appearance = appearance_of(plain(1), spot(0, 0, 80));
  for (const double number : appearance) EXPECT_TRUE(std::isfinite(number));
}

TEST(Score, LikenessPasses) {
  const auto standard = Standard::of(shots());
  EXPECT_NEAR(standard.least_visible(), 50 / 3.0, 1);
  const Image good = plain(77);
  const Mask mask = spot(40, 44, 12);
  const auto score = score_pair(good, darkened(good, mask, 57), mask, standard);
  EXPECT_TRUE(score.passed) << score.reason;
  EXPECT_NEAR(score.visible, 57, 1);
  EXPECT_EQ(score.leak, 0);
  EXPECT_LT(score.distance, 1.5);
}

TEST(Score, FaintDifferentAndSpilledPairsFailForTheirReason) {
  const auto standard = Standard::of(shots());
  const Image good = plain(77);
  const Mask mask = spot(40, 44, 12);
  EXPECT_EQ(score_pair(good, darkened(good, mask, 9), mask, standard).reason.rfind("hardly visible", 0), 0u);
  EXPECT_EQ(score_pair(good, darkened(good, mask, -110), mask, standard).reason.rfind("unlike", 0), 0u);
  Image spilled = darkened(good, mask, 40);
  spilled = darkened(spilled, spot(20, 44, 12), 80);
  EXPECT_EQ(score_pair(good, spilled, mask, standard).reason.rfind("the surroundings", 0), 0u);
}

TEST(Score, WhatIsLostInARoughSurfaceIsTooFaint) {
  const auto standard = Standard::of(shots());
  const Mask mask = spot(40, 44, 12);
  Image rough = plain(78);
  NoiseStream stream(5);
  for (auto& value : rough.values) value = static_cast<std::uint16_t>(120 + 30 * stream.normal());
  const auto score = score_pair(rough, darkened(rough, mask, 40), mask, standard);
  EXPECT_EQ(score.reason.rfind("lost in the surface", 0), 0u) << score.reason;
  EXPECT_NEAR(score.clarity, 40 / 31.5, 0.2);
  EXPECT_GT(score_pair(rough, darkened(rough, mask, 60), mask, standard).clarity, standard.least_clear());
  // Where the roughness is the product's own structure, nothing is lost in it.
  const auto in_place = score_pair(rough, darkened(rough, mask, 40), mask, standard, true);
  EXPECT_FALSE(in_place.lost);
  EXPECT_EQ(in_place.clarity, score.clarity);
}

// A faint defect over much of a surface that is lit from one side.
TEST(Score, LightFromOneSideHidesNothing) {
  const Mask mask = with_strip(10, 70);
  std::vector<Shot> shots;
  for (uint64_t i = 0; i < 3; i++) shots.push_back({darkened(lit(i), mask, 12), mask});
  const Image good = lit(77);
  const auto score = score_pair(good, darkened(good, mask, 12), mask, Standard::of(shots));
  EXPECT_TRUE(score.passed) << score.reason;
  EXPECT_GT(score.clarity, 1.5);
}

TEST(Score, NoMoreClarityIsAskedForThanTheFaintestShotShows) {
  std::vector<Shot> faint;
  for (uint64_t i = 0; i < 3; i++)
    faint.push_back({darkened(plain(i), spot(30, 30, 12), 2), spot(30, 30, 12)});
  EXPECT_NEAR(Standard::of(faint).least_clear(), std::sqrt(2 * 2 + 2 * 4 * 4) / 5.5, 0.15);
  EXPECT_EQ(Standard::of(shots()).least_clear(), 1.5);
}

TEST(Score, ShotsPassByTheirOwnStandard) {
  const auto all = shots();
  const auto standard = Standard::of(all);
  for (const Shot& shot : all) EXPECT_LE(standard.distance(appearance_of(shot.image, shot.mask)), 1e-9);
}

TEST(Score, AFaintTypeStillHasToBeVisible) {
  std::vector<Shot> faint;
  for (uint64_t i = 0; i < 3; i++)
    faint.push_back({darkened(plain(i), spot(30, 30, 12), 2), spot(30, 30, 12)});
  EXPECT_EQ(Standard::of(faint).least_visible(), 3);
  EXPECT_EQ(Standard::of({}).least_visible(), 3);
}

}  // namespace
}  // namespace kizu::anomaly
