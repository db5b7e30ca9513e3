#include "anomaly/surroundings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

constexpr int kSide = 120;

// The same random structure, `zoom` times as large and shifted by (dx, dy) px of its own.
Layout structure(int zoom, int dx, int dy, int brighter = 0) {
  const int side = kSide * zoom;
  Layout layout(Mask::blank(side, side));
  std::fill(layout.foreground.values.begin(), layout.foreground.values.end(), std::uint8_t{1});
  layout.look = Image::blank(side, side, 1);
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      const int u = (x / zoom - dx + kSide) / 5, v = (y / zoom - dy + kSide) / 5;
      layout.look.at(x, y) = static_cast<std::uint16_t>(
          brighter + 20 + mix(1, "cell", static_cast<uint64_t>(u * 1000 + v)) % 160);
    }
  return layout;
}

Mask box_at(int x0, int y0, int side) {
  Mask mask = Mask::blank(kSide, kSide);
  for (int y = y0; y < y0 + side; y++)
    for (int x = x0; x < x0 + side; x++) mask.at(x, y) = 1;
  return mask;
}

TEST(Surroundings, AreFoundAgainWhereTheyAre) {
  const Surroundings around(structure(1, 0, 0), box_at(50, 60, 12), 56, 66);
  const auto fit = around.on(structure(1, 3, -4), 1, 0, 0);
  EXPECT_EQ(fit.dx, 3);
  EXPECT_EQ(fit.dy, -4);
  EXPECT_LT(fit.unlike, 1e-9);
}

TEST(Surroundings, ADifferenceInBrightnessDoesNotCount) {
  const Surroundings around(structure(1, 0, 0), box_at(50, 60, 12), 56, 66);
  const auto fit = around.on(structure(1, -2, 5, 30), 1, 0, 0);
  EXPECT_EQ(fit.dx, -2);
  EXPECT_EQ(fit.dy, 5);
  EXPECT_LT(fit.unlike, 1e-9);
}

TEST(Surroundings, AreLookedForAboutTheShiftThatIsExpected) {
  const Surroundings around(structure(1, 0, 0), box_at(50, 60, 12), 56, 66);
  EXPECT_EQ(around.on(structure(1, 20, 0), 1, 18, 0).dx, 20);
  EXPECT_GT(around.on(structure(1, 20, 0), 1, 0, 0).unlike, 0.5);  // out of reach
}

TEST(Surroundings, OfAPartThatAppearsLargerAreLarger) {
  const Surroundings around(structure(1, 0, 0), box_at(50, 60, 12), 56, 66);
  // The anchor's own place is twice as far from the corner, and 4 px of the larger photo are 2 of the shot.
  const auto fit = around.on(structure(2, 2, 0), 2, 56, 66);
  EXPECT_NEAR(fit.dx, 56 + 4, 1);
  EXPECT_NEAR(fit.dy, 66, 1);
  EXPECT_LT(fit.unlike, 0.1);
}

TEST(Surroundings, OfNoiseFitNowhere) {
  NoiseStream noise(2);
  auto shot = structure(1, 0, 0), photo = shot;
  for (auto* look : {&shot.look, &photo.look})
    for (auto& value : look->values) value = static_cast<std::uint16_t>(noise.below(255));
  EXPECT_GT(Surroundings(shot, box_at(50, 60, 12), 56, 66).on(photo, 1, 0, 0).unlike, 0.75);
}

TEST(Surroundings, WithoutALookOrAPixelToCompareStayWhereExpected) {
  const auto there = structure(1, 0, 0);
  Layout blind = there;
  blind.look = {};
  for (const auto& fit : {Surroundings(blind, box_at(50, 60, 12), 56, 66).on(there, 1, 2, 3),
                          Surroundings(there, box_at(50, 60, 12), 56, 66).on(blind, 1, 2, 3),
                          Surroundings(there, box_at(50, 60, 12), 56, 66).on(there, 1, 2e5, 3),
                          Surroundings(there, box_at(0, 0, kSide), 60, 60).on(there, 1, 2, 3)}) {
    EXPECT_EQ(fit.dy, 3);
    EXPECT_EQ(fit.unlike, 1);
  }
}

}  // namespace
}  // namespace kizu::anomaly
