#include "inspection/samples.h"

#include <gtest/gtest.h>

#include <set>

#include "core/error.h"
#include "inspection/curriculum.h"
#include "inspection/perlin.h"
#include "inspection/toy_set.h"

namespace kizu::inspection {
namespace {

TEST(Mix, ReadsWhatItWrites) {
  const auto mix = Mix::parse("good:0.3,pairs:0.35,crop_paste:0.35");
  EXPECT_DOUBLE_EQ(mix.weight(Source::kPairs), 0.35);
  EXPECT_DOUBLE_EQ(mix.weight(Source::kShots), 0);
  EXPECT_EQ(mix.text(), "good:0.3,pairs:0.35,crop_paste:0.35");
  EXPECT_EQ(mix.draw(0), Source::kGood);
  EXPECT_EQ(mix.draw(0.64), Source::kPairs);
  EXPECT_EQ(mix.draw(0.999999), Source::kCropPaste);
}

TEST(Curriculum, IsOneMixOrSeveralOneAfterAnother) {
  const auto two = Curriculum::parse("good:0.4,pairs:0.6/good:0.4,shots:0.6");
  ASSERT_EQ(two.parts.size(), 2U);
  EXPECT_EQ(two.text(), "good:0.4,pairs:0.6/good:0.4,shots:0.6");
  EXPECT_TRUE(two.draws_from(Source::kPairs) && two.draws_from(Source::kShots));
  EXPECT_FALSE(two.draws_from(Source::kPerlin));
  EXPECT_EQ(two.at(0.499).text(), "good:0.4,pairs:0.6");
  EXPECT_EQ(two.at(0.5).text(), "good:0.4,shots:0.6");
  EXPECT_EQ(two.at(1).text(), "good:0.4,shots:0.6");
  EXPECT_EQ(Curriculum::parse("good:1").parts.size(), 1U);
  for (const char* wrong : {"", "/", "good:1/", "good:1//shots:1", "good:1/nothing:1"})
    EXPECT_THROW(Curriculum::parse(wrong), Error) << wrong;
}

TEST(Mix, RefusesNonsense) {
  for (const char* text :
       {"", "good", "god:1", "good:x", "good:", "good:-1", "good:0", "good:1,good:1", "good:nan"}) {
    EXPECT_THROW(Mix::parse(text), Error) << text;
  }
}

TEST(Samples, AnEmptyPoolIsNamed) {
  auto set = toy_set(1);
  set.pairs.clear();
  EXPECT_NO_THROW(check_pools(set, Mix::parse("good:1,shots:1,perlin:1")));
  try {
    check_pools(set, Mix::parse("good:1,pairs:1"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("pairs"), std::string::npos);
  }
}

TEST(Samples, PairsArePastedWithoutShots) {
  auto set = toy_set(2);
  set.shots.clear();
  SampleOptions options;
  options.crop = 48;
  for (uint64_t seed = 0; seed < 20; seed++) {
    const auto sample = draw_sample(set, Mix::parse("pair_paste:1"), options, seed);
    const auto inside = sample.mask > 0.5;
    ASSERT_TRUE(inside.any().item<bool>());
    const auto grey = sample.image.mean(0, true);
    EXPECT_LT(grey.masked_select(inside).mean().item<double>() + 0.1,
              grey.masked_select(inside.logical_not()).mean().item<double>())
        << "the toy's defects are dark";
  }
  set.pairs.clear();
  EXPECT_THROW(check_pools(set, Mix::parse("pair_paste:1")), Error);
}

TEST(Samples, LargePhotosAreShrunkAndNoDefectVanishes) {
  EXPECT_EQ(working_size(1024, 2048, 256), (std::pair<int64_t, int64_t>{256, 512}));
  EXPECT_EQ(working_size(100, 300, 256), (std::pair<int64_t, int64_t>{100, 300}));
  auto mask = torch::zeros({1, 512, 700});
  mask[0][100][200] = 1;
  const auto example = make_example(torch::full({3, 512, 700}, 0.5), mask, 64);
  EXPECT_EQ(example.image.size(1), 64);
  EXPECT_GE(example.mask.sum().item<int64_t>(), 1);
  EXPECT_NEAR(example.image.to(torch::kFloat32).min().item<double>(), 127.5, 1);
}

TEST(Samples, DependOnTheSeedAlone) {
  const auto set = toy_set(3);
  const auto mix = Mix::parse("good:1,pairs:1,shots:1,crop_paste:1,perlin:1");
  SampleOptions options;
  options.crop = 48;
  options.augmentation.quarter_turns = true;
  for (uint64_t seed = 0; seed < 20; seed++) {
    const auto a = draw_sample(set, mix, options, seed), b = draw_sample(set, mix, options, seed);
    EXPECT_TRUE(torch::equal(a.image, b.image) && torch::equal(a.mask, b.mask));
    EXPECT_EQ(a.image.sizes(), (std::vector<int64_t>{3, 48, 48}));
    EXPECT_TRUE(((a.mask == 0) | (a.mask == 1)).all().item<bool>());
    EXPECT_GE(a.image.min().item<double>(), 0);
    EXPECT_LE(a.image.max().item<double>(), 1);
  }
}

TEST(Samples, EachSourceGivesWhatItPromises) {
  const auto set = toy_set(3);
  SampleOptions options;
  options.crop = 48;
  options.aimed = 1;
  for (uint64_t seed = 0; seed < 30; seed++) {
    EXPECT_EQ(draw_sample(set, Mix::parse("good:1"), options, seed).mask.sum().item<double>(), 0);
    for (const char* source : {"pairs:1", "shots:1", "crop_paste:1", "perlin:1", "pair_paste:1"}) {
      EXPECT_GT(draw_sample(set, Mix::parse(source), options, seed).mask.sum().item<double>(), 0)
          << source << seed;
    }
  }
}

TEST(Samples, WithoutAugmentationAWindowIsAnExactCut) {
  const auto photo = toy_example(4, true);
  NoiseStream random(1);
  Augmentation none{false, false, 0, 0, 0};
  const auto window = window_around({30, 30}, 64, 64, 32, none, random);
  const auto y = static_cast<int64_t>(window.centre.y) - 16, x = static_cast<int64_t>(window.centre.x) - 16;
  const auto cut = photo.image.slice(1, y, y + 32).slice(2, x, x + 32).to(torch::kFloat32) / 255;
  EXPECT_LT((look(photo.image, window, Beyond::kBorder, true) - cut).abs().max().item<double>(), 1e-4);
  const auto back = window.in_photo(window.in_window({12.5, 40}));
  EXPECT_NEAR(back.x, 12.5, 1e-9);
  EXPECT_NEAR(back.y, 40, 1e-9);
}

TEST(Samples, AWindowIsBilinearSampling) {
  const auto photo = torch::randint(0, 256, {3, 41, 57}, torch::kUInt8);
  NoiseStream random(8);
  for (int i = 0; i < 20; i++) {
    const double angle = random.uniform(0, 6.28), size = random.uniform(0.5, 2);
    const double c = std::cos(angle) * size, s = std::sin(angle) * size;
    const Window window{{random.uniform(-10, 60), random.uniform(-10, 50)}, c, -s, s, c, 32};
    auto grid = torch::empty({1, 32, 32, 2});
    for (int y = 0; y < 32; y++)
      for (int x = 0; x < 32; x++) {
        const auto place = window.in_photo({x + 0.5, y + 0.5});
        grid[0][y][x][0] = 2 * place.x / 57 - 1;
        grid[0][y][x][1] = 2 * place.y / 41 - 1;
      }
    const auto values = photo.to(torch::kFloat32).unsqueeze(0) / 255;
    for (const auto beyond : {Beyond::kBorder, Beyond::kZero}) {
      const auto expected =
          torch::grid_sampler_2d(values, grid, 0, beyond == Beyond::kBorder ? 1 : 0, false)[0];
      EXPECT_LT((look(photo, window, beyond, true) - expected).abs().max().item<double>(), 1e-4);
    }
  }
}

TEST(Samples, ARandomPixelIsOneOfTheMask) {
  auto mask = torch::zeros({1, 5, 7}, torch::kUInt8);
  mask[0][0][0] = mask[0][2][3] = mask[0][4][6] = 1;
  NoiseStream random(2);
  std::set<std::pair<double, double>> seen;
  for (int i = 0; i < 60; i++) {
    const auto place = random_pixel_of(mask, random);
    seen.insert({place.x, place.y});
  }
  EXPECT_EQ(seen, (std::set<std::pair<double, double>>{{0.5, 0.5}, {3.5, 2.5}, {6.5, 4.5}}));
}

TEST(Samples, PhotosSmallerThanTheWindowRepeatTheirBorder) {
  TrainingSet set;
  set.good.push_back(make_example(torch::full({3, 20, 31}, 0.5), {}, 256));
  SampleOptions options;
  options.augmentation = {true, true, 0.2, 0, 0, 0, 0};
  const auto sample = draw_sample(set, Mix::parse("good:1"), options, 3);
  EXPECT_NEAR(sample.image.min().item<double>(), 128.0 / 255, 1e-5);
  EXPECT_NEAR(sample.image.max().item<double>(), 128.0 / 255, 1e-5);
}

TEST(Samples, AMarginLiesAlongOneSideAndIsNoDefect) {
  const auto set = toy_set(3);
  SampleOptions plain, framed;
  plain.crop = framed.crop = 50;
  plain.augmentation.margin = 0;
  framed.augmentation.margin = 1;
  int changed = 0, hidden = 0;
  for (uint64_t seed = 0; seed < 200; seed++) {
    const auto mix = Mix::parse(seed % 2 == 0 ? "good:1" : "shots:1");
    const auto before = draw_sample(set, mix, plain, seed), after = draw_sample(set, mix, framed, seed);
    const auto strip = (before.image != after.image).any(0);  // [50, 50]
    changed += strip.any().item<bool>();
    // No deeper than 0.12 of 50 px and a soft edge, at one of the four sides.
    const auto beyond = [&](const torch::Tensor& from_side) {
      return from_side.slice(0, 7).any().item<bool>();
    };
    EXPECT_FALSE(beyond(strip) && beyond(strip.flip(0)) && beyond(strip.t()) && beyond(strip.t().flip(0)));
    const auto gone = (before.mask - after.mask)[0] > 0.5;
    hidden += gone.any().item<bool>();
    EXPECT_FALSE((gone & strip.logical_not()).any().item<bool>()) << "a defect is hidden only by the strip";
    EXPECT_FALSE((after.mask > before.mask).any().item<bool>());
    EXPECT_EQ(before.mask.any().item<bool>(), after.mask.any().item<bool>()) << "never the whole of it";
  }
  EXPECT_GT(changed, 180);
  EXPECT_GT(hidden, 3) << "some defects lie at the side";
}

TEST(CropPaste, ChangesNothingOutsideTheFeatheredMask) {
  const auto good = toy_example(9, false), shot = toy_example(10, true);
  const auto window = good.image.to(torch::kFloat32) / 255;
  for (uint64_t seed = 0; seed < 20; seed++) {
    NoiseStream random(seed);
    const PasteOptions options;
    const auto sample = crop_paste(window, {random.uniform(1, 63), random.uniform(1, 63)}, shot.image,
                                   shot.mask, options, random);
    const int64_t reach = 2 * options.feather;
    const auto near = torch::max_pool2d(sample.mask, {2 * reach + 1, 2 * reach + 1}, {1, 1}, {reach, reach});
    const auto changed = (sample.image != window).any(0, true);
    EXPECT_FALSE((changed & (near == 0)).any().item<bool>());
    EXPECT_TRUE((changed | (sample.mask == 0)).to(torch::kFloat32).mean().item<double>() > 0.98);
    EXPECT_GT(sample.mask.sum().item<double>(), 0);
  }
}

TEST(CropPaste, AHardUnturnedPasteKeepsTheShapeOfTheDefect) {
  const auto shot = toy_example(10, true);
  const auto window = torch::full({3, 64, 64}, 0.6);
  NoiseStream random(1);
  const auto sample = crop_paste(window, {32, 32}, shot.image, shot.mask, {0, 0, 0, false, 0}, random);
  EXPECT_EQ(sample.mask.sum().item<double>(), shot.mask.sum().item<double>());
  // The surface around the shot's defect is as bright as the window: the defect keeps its own brightness.
  const double inside =
      (sample.image * sample.mask).sum().item<double>() / 3 / sample.mask.sum().item<double>();
  EXPECT_NEAR(inside, 0.35, 0.03);
}

// A pair of 64 px whose stripes run upright, its defect a brighter bar of 24 x 8 px in the middle.
Example striped() {
  const auto stripes = 0.4 + 0.05 * torch::sin(torch::arange(64, torch::kFloat32) * 1.5);
  auto mask = torch::zeros({1, 64, 64});
  mask.slice(1, 28, 36).slice(2, 20, 44).fill_(1);
  return make_example((stripes.expand({3, 64, 64}) + 0.3 * mask).contiguous(), mask, 256);
}

TEST(TurnedInPlace, CoversItselfTurnedAndNothingElse) {
  const auto pair = striped();
  const Window whole{{32, 32}, 1, 0, 0, 1, 64};
  const Sample seen{look(pair.image, whole, Beyond::kBorder, true), pair.mask.to(torch::kFloat32)};
  PasteOptions options;
  options.scale = 0;
  int larger = 0;
  for (uint64_t seed = 0; seed < 20; seed++) {
    NoiseStream random(seed);
    const auto turned = turned_in_place(seen, whole, pair.image, pair.mask, options, random);
    EXPECT_TRUE((turned.mask >= seen.mask).all().item<bool>()) << "what it covered is still defect";
    larger += turned.mask.sum().item<double>() > seen.mask.sum().item<double>() + 10;
    const auto added = ((turned.mask - seen.mask) > 0.5).expand({3, 64, 64});
    if (added.any().item<bool>()) {
      EXPECT_GT(turned.image.masked_select(added).mean().item<double>(), 0.55) << "as bright as the defect";
    }
    const auto near = torch::max_pool2d(turned.mask, {9, 9}, {1, 1}, {4, 4});
    EXPECT_FALSE(((turned.image != seen.image).any(0, true) & (near == 0)).any().item<bool>());
    const auto rows = torch::nonzero(turned.mask[0].amax(1));
    EXPECT_TRUE(rows.min().item<int64_t>() >= 20 && rows.max().item<int64_t>() < 44) << "where it was";
  }
  EXPECT_GE(larger, 10);
}

TEST(TurnedInPlace, LeavesWindowsWithoutADefect) {
  const auto pair = striped();
  const Window whole{{32, 32}, 1, 0, 0, 1, 64};
  const Sample seen{look(pair.image, whole, Beyond::kBorder, true), torch::zeros({1, 64, 64})};
  NoiseStream random(1);
  const auto same = turned_in_place(seen, whole, pair.image, pair.mask, {}, random);
  EXPECT_TRUE(torch::equal(same.image, seen.image));
  EXPECT_EQ(same.mask.sum().item<double>(), 0);
}

// In a window that turns and mirrors the photo an unturned paste must fall on the defect itself.
TEST(TurnedInPlace, LiesWhereTheWindowShowsTheDefect) {
  const auto pair = striped();
  const Window mirrored{{40, 30}, 0, -1, 1, 0, 64};
  const Sample seen{look(pair.image, mirrored, Beyond::kBorder, true),
                    look(pair.mask, mirrored, Beyond::kBorder, false)};
  NoiseStream random(1);
  const auto same = turned_in_place(seen, mirrored, pair.image, pair.mask, {0, 0, 0, true, 2}, random);
  EXPECT_TRUE(torch::equal(same.mask, seen.mask));
  EXPECT_LT((same.image - seen.image).abs().max().item<double>(), 1e-4);
}

TEST(Samples, AShareOfThePairsIsTurnedInPlaceAndNothingElse) {
  const auto set = toy_set(3);
  SampleOptions plain, turning;
  plain.crop = turning.crop = 48;
  plain.aimed = turning.aimed = 1;
  plain.augmentation.margin = turning.augmentation.margin = 0;  // it would hide some of the defect
  turning.turned = 0.5;
  int turned = 0;
  for (uint64_t seed = 0; seed < 100; seed++) {
    const auto mix = Mix::parse("pairs:1");
    const auto before = draw_sample(set, mix, plain, seed), after = draw_sample(set, mix, turning, seed);
    EXPECT_TRUE((after.mask >= before.mask).all().item<bool>());
    turned += !torch::equal(before.mask, after.mask);
    for (const char* other : {"good:1", "shots:1", "crop_paste:1"}) {
      const auto one = draw_sample(set, Mix::parse(other), plain, seed);
      EXPECT_TRUE(torch::equal(one.image, draw_sample(set, Mix::parse(other), turning, seed).image));
    }
  }
  EXPECT_GT(turned, 30);
  EXPECT_LT(turned, 70);
}

TEST(Perlin, NoiseIsSmoothAndCentred) {
  NoiseStream random(3);
  const auto noise = perlin_noise(64, 4, 8, random);
  EXPECT_LT(noise.abs().max().item<double>(), 1.01);
  EXPECT_NEAR(noise.mean().item<double>(), 0, 0.15);
  EXPECT_LT((noise.slice(0, 1) - noise.slice(0, 0, 63)).abs().max().item<double>(), 0.35);
}

TEST(Perlin, DefectsAreNeverEmptyAndKeepTheirSize) {
  const auto good = torch::full({3, 64, 64}, 0.5);
  for (uint64_t seed = 0; seed < 30; seed++) {
    NoiseStream random(seed);
    const auto sample = perlin_defect(good, good, 0.02, random);
    EXPECT_GE(sample.mask.sum().item<double>(), 1);
    EXPECT_LE(sample.mask.mean().item<double>(), 0.021);
    EXPECT_TRUE(torch::equal(sample.image * (1 - sample.mask), good * (1 - sample.mask)));
  }
}

}  // namespace
}  // namespace kizu::inspection
