#include "quality/realism.h"

#include <gtest/gtest.h>

#include "tensor/noise.h"

namespace kizu::quality {
namespace {

using Samples = std::vector<torch::Tensor>;

/// `count` pictures of three samples each around `middle`.
Samples around(double middle, int count, uint64_t seed) {
  NoiseStream random(seed);
  Samples all;
  for (int i = 0; i < count; i++) all.push_back(random.normal({3, 2}).to(torch::kFloat64) + middle);
  return all;
}

FeatureSet unscaled() {
  return {"test", {}, false};
}

TEST(Realism, TheSameKindIsAsNearAsRealToRealAndAnotherIsFar) {
  const auto real = around(0, 40, 1);
  const std::vector<std::string> piece(40);
  const auto found =
      realism_of(unscaled(), real, piece, {{"alike", around(0, 60, 2)}, {"moved", around(3, 60, 3)}}, 1);
  ASSERT_TRUE(found.real && found.of[0] && found.of[1]);
  EXPECT_EQ(found.size, 20);
  EXPECT_LT(*found.of[0], 3 * *found.real + 0.1);
  EXPECT_NEAR(*found.of[1], 18, 4);  // |(3, 3)|^2
}

TEST(Realism, UnitsDoNotMatterWhenScaled) {
  const auto real = around(0, 12, 1);
  Samples real_mm, made = around(1, 12, 2), made_mm;
  const auto unit = torch::tensor({1000.0, 1.0}, torch::kFloat64);
  for (const auto& each : real) real_mm.push_back(each * unit);
  for (const auto& each : made) made_mm.push_back(each * unit);
  const std::vector<std::string> piece(12);
  const FeatureSet scaled{"test", {}, true};
  const auto a = realism_of(scaled, real, piece, {{"made", made}}, 1);
  const auto b = realism_of(scaled, real_mm, piece, {{"made", made_mm}}, 1);
  EXPECT_NEAR(*a.of[0], *b.of[0], 1e-6);
}

// All real masks are of one region, a few made ones of two.
TEST(Realism, AnEntryInWhichTheRealOnesDoNotDifferIsNotEndless) {
  Samples real = around(0, 12, 1), made = around(0, 12, 2);
  for (auto& each : real) each.select(1, 1).fill_(0);
  for (std::size_t i = 0; i < made.size(); i++) made[i].select(1, 1).fill_(i < 3 ? 0.7 : 0.0);
  const FeatureSet scaled{"test", {}, true};
  const auto found = realism_of(scaled, real, std::vector<std::string>(12), {{"made", made}}, 1);
  EXPECT_GT(*found.of[0], 0.1);
  EXPECT_LT(*found.of[0], 10);
}

TEST(Realism, SaysNothingFromTooFew) {
  const std::vector<std::string> three_pieces{"a", "a", "a", "b", "c", "c"};
  const auto none = realism_of(unscaled(), around(0, 6, 1), three_pieces, {{"made", around(0, 9, 2)}}, 1);
  EXPECT_FALSE(none.real);
  EXPECT_FALSE(none.of[0]);
  const auto some =
      realism_of(unscaled(), around(0, 8, 1), std::vector<std::string>(8), {{"made", around(0, 2, 2)}}, 1);
  EXPECT_TRUE(some.real);
  EXPECT_FALSE(some.of[0]);
}

class Brightness : public features::FeatureNetwork {
 public:
  std::string name() const override { return "brightness"; }
  std::vector<torch::Tensor> layers(const torch::Tensor& image_01) override {
    const auto layer = torch::avg_pool2d(image_01, 8);
    return {image_01, image_01, layer};
  }
  std::vector<int64_t> channels() const override { return {3, 3, 3}; }
};

TEST(FeatureSets, OnlyPlacesOfTheDefectCount) {
  DefectPicture picture{Image::blank(64, 64, 1), Mask::blank(64, 64)};
  for (int y = 16; y < 48; y++)
    for (int x = 16; x < 48; x++) {
      picture.mask.at(x, y) = 1;
      picture.image.at(x, y) = 255;
    }
  WorkerPool pool(2);
  const auto samples = samples_of(network_features(std::make_shared<Brightness>()), {picture}, pool)[0];
  EXPECT_EQ(samples.size(0), 64);  // of 13 x 13 places, evenly
  EXPECT_EQ(samples.size(1), 3);
  EXPECT_GT(samples.mean().item<double>(), 0.95);
  EXPECT_EQ(samples_of(surface_features(), {picture, picture}, pool)[1].size(1), 15);
  EXPECT_EQ(samples_of(mask_features(), {picture}, pool)[0].size(1), 5);
}

}  // namespace
}  // namespace kizu::quality
