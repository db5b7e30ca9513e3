#include "anomaly/transplant.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "anomaly/mask_variation.h"
#include "core/error.h"
#include "tensor/convert.h"

namespace kizu::anomaly {
namespace {

/// Grey 100 with a dark bar of 12 x 4 px whose left third is darker still.
Shot bar() {
  Shot shot{Image::blank(64, 48, 1, 8), Mask::blank(64, 48)};
  for (auto& value : shot.image.values) value = 100;
  for (int y = 20; y < 24; y++)
    for (int x = 10; x < 22; x++) {
      shot.mask.at(x, y) = 1;
      shot.image.at(x, y) = x < 14 ? 20 : 60;
    }
  return shot;
}

struct TransplantTest : testing::Test {
  const Shot shot = bar();
  const Window window{0, 0, 64, 128};
  torch::Tensor good = torch::full({3, 128, 128}, 0.2);

  /// The transplanted picture at a photo's pixel, minus the good one.
  torch::Tensor change(const Pose& pose, const Mask& mask, const Shot* other = nullptr) {
    return transplant({other ? other : &shot, 0, pose}, good, cut_mask(to_tensor(mask), window), window,
                      {0, 0, 64, 48}) -
           good;
  }
  static float at(const torch::Tensor& picture, int x, int y) {
    return picture[0][2 * y + 1][2 * x + 1].item<float>();
  }
};

TEST_F(TransplantTest, UnmovedItBringsTheContrastOfTheShotIntoItsMask) {
  good.fill_(100 / 127.5 - 1);  // as light as the shot
  const auto made = change({}, shot.mask);
  EXPECT_NEAR(at(made, 12, 22), -80 / 127.5, 0.02);
  EXPECT_NEAR(at(made, 18, 22), -40 / 127.5, 0.02);
  EXPECT_EQ(at(made, 18, 27), 0);
}

TEST_F(TransplantTest, SeverityShiftsTheMeanAndLeavesTheTexture) {
  good.fill_(100 / 127.5 - 1);
  const auto severe =
      transplant({&shot, 0, {}}, good, cut_mask(to_tensor(shot.mask), window), window, {0, 0, 64, 48}, 1.25) -
      good;
  const double more = -0.25 * (4 * 80 + 8 * 40) / 12 / 127.5;
  EXPECT_NEAR(at(severe, 12, 22), -80 / 127.5 + more, 0.02);
  EXPECT_NEAR(at(severe, 18, 22), -40 / 127.5 + more, 0.02);
  EXPECT_EQ(at(severe, 18, 29), 0);
}

TEST_F(TransplantTest, MoreLightMakesMoreContrast) {
  const double gain = (0.2 + 1.25) / (100 / 127.5 + 0.25);
  const auto made = change({}, shot.mask);
  EXPECT_NEAR(at(made, 12, 22), -80 / 127.5 * gain, 0.02);
  EXPECT_NEAR(at(made, 18, 22), -40 / 127.5 * gain, 0.02);
}

// A shot whose defect shows a little beyond its label, as defects of real photos do.
TEST_F(TransplantTest, WhatShowsBeyondTheLabelShowsBeyondTheMaskToo) {
  Shot blurred = bar();
  for (int x = 10; x < 22; x++) blurred.image.at(x, 19) = blurred.image.at(x, 24) = 70;
  good.fill_(100 / 127.5 - 1);
  Pose pose;
  pose.dx = 20;
  Mask mask = Mask::blank(64, 48);
  for (int y = 20; y < 24; y++)
    for (int x = 30; x < 42; x++) mask.at(x, y) = 1;
  const auto made = change(pose, mask, &blurred);
  EXPECT_NEAR(at(made, 38, 22), -40 / 127.5, 0.02);
  for (const int y : {19, 24}) {
    EXPECT_LT(at(made, 38, y), -15 / 127.5) << y;
    EXPECT_GT(at(made, 38, y), -30 / 127.5) << y;
  }
  EXPECT_NEAR(at(made, 38, 26), 0, 0.02);
  EXPECT_EQ(at(made, 38, 29), 0);  // further than the fade reaches
  EXPECT_EQ(at(made, 38, 14), 0);
}

// Beside the mask lies something that was not beside the shot's defect: the defect is no lighter for it.
TEST_F(TransplantTest, IsLitLikeMostOfWhatLiesAround) {
  good.fill_(100 / 127.5 - 1);
  const auto alone = change({}, shot.mask);
  good.index_put_({torch::indexing::Slice(), torch::indexing::Slice(54, 128)}, 1.0);  // white from row 27 on
  const auto beside = change({}, shot.mask);
  EXPECT_NEAR(at(alone, 18, 22), -40 / 127.5, 0.02);
  EXPECT_NEAR(at(beside, 18, 22), at(alone, 18, 22), 0.005);
}

// A dark defect beside something bright: the brightness is not carried along.
TEST_F(TransplantTest, WhatLiesBesideTheDefectInItsShotIsNotLaidBesideTheMask) {
  Shot beside = bar();
  for (int y = 18; y < 26; y++) beside.image.at(23, y) = beside.image.at(8, y) = 250;
  good.fill_(100 / 127.5 - 1);
  const auto made = change({}, shot.mask, &beside);
  EXPECT_NEAR(at(made, 12, 22), -80 / 127.5, 0.03);
  EXPECT_LE(made.max().item<float>(), 0.02);
}

TEST_F(TransplantTest, FollowsALightFromOneSide) {
  Shot wide = bar();
  for (int y = 18; y < 26; y++)
    for (int x = 8; x < 48; x++) wide.mask.at(x, y) = 1, wide.image.at(x, y) = 60;
  good = (torch::linspace(70, 130, 128) / 127.5 - 1).expand({3, 128, 128}).contiguous();
  const auto made = change({}, wide.mask, &wide);
  const float left = at(made, 10, 22), right = at(made, 46, 22);
  EXPECT_NEAR(left, -40 / 127.5, 0.04);
  EXPECT_NEAR(right, left, 0.04);
}

// A brighter band across a shot with dark rims, laid across a photo that is wider than the shot is then: to
// the sides of it there is no shot whose light could be compared.
TEST_F(TransplantTest, LightIsComparedOnlyWhereTheShotShowsSomething) {
  Shot band{Image::blank(64, 48, 1, 8), Mask::blank(64, 48)};
  for (int y = 0; y < 48; y++)
    for (int x = 0; x < 64; x++) {
      band.mask.at(x, y) = y < 16;
      band.image.at(x, y) = (x < 6 || x >= 58 ? 20 : 100) + (y < 16 ? 40 : 0);
    }
  good.fill_(100 / 127.5 - 1);
  Pose pose;
  pose.variation.scale = 0.4;
  Mask mask = Mask::blank(64, 48);
  for (int y = 0; y < 6; y++)
    for (int x = 0; x < 64; x++) mask.at(x, y) = 1;
  EXPECT_NEAR(at(change(pose, mask, &band), 32, 3), 40 / 127.5, 0.02);
}

// A bar that the border of its shot cut off, laid away from every border.
TEST_F(TransplantTest, WhatIsLooseLiesWholeInItsMask) {
  Shot cut{Image::blank(64, 48, 1, 8), Mask::blank(64, 48)};
  for (int y = 0; y < 48; y++)
    for (int x = 0; x < 64; x++) {
      cut.mask.at(x, y) = x < 12 && y >= 20 && y < 24;
      cut.image.at(x, y) = cut.mask.at(x, y) ? 40 : 100;
    }
  good.fill_(100 / 127.5 - 1);
  Pose pose;
  pose.loose = true;
  pose.dx = 20, pose.dy = 6;
  Mask mask = Mask::blank(64, 48);
  for (int y = 26; y < 30; y++)
    for (int x = 20; x < 32; x++) mask.at(x, y) = 1;
  const auto made = change(pose, mask, &cut);
  for (const int x : {20, 26, 30}) EXPECT_NEAR(at(made, x, 28), -60 / 127.5, 0.03) << x;
  EXPECT_NEAR(at(made, 38, 28), 0, 0.02);
  EXPECT_NEAR(at(made, 14, 28), 0, 0.02);
}

/// A mask made of the shot's by a variation, and the pose that says so.
struct Moved {
  Mask mask = Mask::blank(64, 48);
  Pose pose;
};

Moved moved(const Shot& shot, const Variation& variation, int x, int y) {
  const Stencil old = cut_out(shot.mask), made = vary(old, variation);
  Moved all;
  for (int v = 0; v < made.mask.height; v++)
    for (int u = 0; u < made.mask.width; u++) all.mask.at(x + u, y + v) = made.mask.at(u, v);
  all.pose = {variation, x + made.anchor_x - old.photo_x, y + made.anchor_y - old.photo_y};
  return all;
}

TEST_F(TransplantTest, FollowsTheMaskThatVaryMakes) {
  Variation variation;
  variation.flip_x = true;
  variation.angle = 90;
  variation.scale = 1.5;
  const auto [mask, pose] = moved(shot, variation, 30, 12);
  const auto picture = change(pose, mask);
  // The bar stands upright now; every part of the mask shows the bar, not its surroundings.
  const Mask inner = erode(mask, 1);
  int dark = 0, darker = 0;
  for (int v = 0; v < 48; v++)
    for (int u = 0; u < 64; u++) {
      if (!inner.at(u, v)) continue;
      EXPECT_LT(at(picture, u, v), -30 / 127.5) << u << " " << v;
      dark++;
      darker += at(picture, u, v) < -70 / 127.5;
    }
  EXPECT_GT(dark, 40);
  EXPECT_GT(darker, dark / 5);
  EXPECT_LT(darker, dark / 2);
}

// A thin crack that is bent, and a speck that steps away: the mask shows them, not the plain surface.
TEST_F(TransplantTest, IsBentAndScatteredAsTheMaskIs) {
  Shot crack{Image::blank(64, 48, 1, 8), Mask::blank(64, 48)};
  std::fill(crack.image.values.begin(), crack.image.values.end(), std::uint16_t{100});
  const auto darken = [&](int x, int y) { crack.mask.at(x, y) = 1, crack.image.at(x, y) = 40; };
  for (int x = 14; x < 40; x++)
    for (int y = 20; y < 23; y++) darken(x, y);
  for (int x = 18; x < 22; x++)
    for (int y = 30; y < 34; y++) darken(x, y);
  Variation variation;
  variation.elastic = 0.1;
  variation.jitter = 0.1;
  // Pixels of the mask that show no change.
  const auto missed = [&](const Pose& pose, const Mask& mask) {
    const auto picture = change(pose, mask, &crack);
    int count = 0;
    for (int v = 0; v < 48; v++)
      for (int u = 0; u < 64; u++) count += mask.at(u, v) && at(picture, u, v) > -8 / 127.5;
    return count;
  };
  int64_t all = 0;
  int with = 0, without = 0;
  for (variation.seed = 1; variation.seed <= 10; variation.seed++) {
    const auto [mask, pose] = moved(crack, variation, 10, 6);
    all += area(mask);
    with += missed(pose, mask);
    Pose straight = pose;
    straight.variation.elastic = straight.variation.jitter = 0;
    without += missed(straight, mask);
  }
  EXPECT_LT(with, 0.05 * static_cast<double>(all));
  EXPECT_GT(without, 0.2 * static_cast<double>(all));
}

TEST_F(TransplantTest, ReadsThePoseThatMaskPlacementWrites) {
  const Json origin = {{"shot", "a"},
                       {"flip", "both"},
                       {"angle", 3.5},
                       {"scale", 0.5},
                       {"dx", -4},
                       {"dy", 7},
                       {"stretch", {1, 1.5}},
                       {"elastic", 0.1},
                       {"jitter", 0.02},
                       {"shape_seed", 18446744073709551615ull}};
  const Pose pose = Pose::of(origin);
  EXPECT_TRUE(pose.variation.flip_x && pose.variation.flip_y);
  EXPECT_EQ(pose.variation.angle, 3.5);
  EXPECT_EQ(pose.variation.stretch_y, 1.5);
  EXPECT_EQ(pose.variation.seed, 18446744073709551615ull);
  EXPECT_EQ(pose.dy, 7);
  EXPECT_FALSE(pose.in_place);  // masks of older programs do not say
  EXPECT_FALSE(pose.loose);
  auto placed = origin;
  placed["in_place"] = placed["loose"] = true;
  EXPECT_TRUE(Pose::of(placed).in_place);
  EXPECT_TRUE(Pose::of(placed).loose);
  EXPECT_THROW(Pose::of(Json{{"flip", "none"}}), Error);
  auto without_size = origin;
  without_size["scale"] = 0;
  EXPECT_THROW(Pose::of(without_size), Error);
}

}  // namespace
}  // namespace kizu::anomaly
