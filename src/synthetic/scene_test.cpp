#include "synthetic/scene.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <set>

#include "synthetic/composite.h"
#include "synthetic/flaw.h"

namespace kizu::synthetic {
namespace {

uint64_t hash_bytes(const torch::Tensor& t) {
  const auto flat = t.contiguous();
  const auto* bytes = static_cast<const unsigned char*>(flat.data_ptr());
  uint64_t h = 0xCBF29CE484222325ull;
  for (size_t i = 0; i < flat.nbytes(); i++) h = (h ^ bytes[i]) * 0x100000001B3ull;
  return h;
}

// Every value is k/255 mapped to [-1, 1].
bool has_8bit_levels(const torch::Tensor& pm1) {
  const auto levels = (pm1 * 0.5 + 0.5) * 255;
  return (levels - levels.round()).abs().max().item<float>() < 1e-3f;
}

void expect_sound(const Triple& t, int64_t height, int64_t width) {
  ASSERT_EQ(t.normal.sizes(), (std::vector<int64_t>{3, height, width}));
  ASSERT_EQ(t.flawed.sizes(), t.normal.sizes());
  ASSERT_EQ(t.mask.sizes(), (std::vector<int64_t>{1, height, width}));
  EXPECT_TRUE(((t.mask == 0) | (t.mask == 1)).all().item<bool>());
  EXPECT_GE(t.mask.sum().item<float>(), 5) << t.kind;
  EXPECT_LE(t.mask.mean().item<float>(), 0.5f) << t.kind;
  const auto outside = (t.mask < 0.5).expand({3, -1, -1});
  EXPECT_TRUE(torch::equal(t.normal.masked_select(outside), t.flawed.masked_select(outside))) << t.kind;
  const float change =
      visible_change(t.normal.unsqueeze(0), t.flawed.unsqueeze(0), t.mask.unsqueeze(0)).item<float>();
  EXPECT_GE(change, kVisibleChange) << t.kind;
  EXPECT_GE(t.flawed.min().item<float>(), -1);
  EXPECT_LE(t.flawed.max().item<float>(), 1);
}

TEST(SceneTest, TriplesAreExactOutsideTheMaskAndVisibleInside) {
  for (uint64_t seed = 0; seed < 120; seed++) {
    SCOPED_TRACE(seed);
    const Triple t = draw_triple(seed, 96);
    expect_sound(t, 96, 96);
    EXPECT_TRUE(has_8bit_levels(t.normal));
    EXPECT_TRUE(has_8bit_levels(t.flawed));
  }
}

TEST(SceneTest, SameSeedGivesTheSameBytesWhateverTheThreads) {
  const int threads = at::get_num_threads();
  for (uint64_t seed : {1, 77, 4242}) {
    at::set_num_threads(1);
    const Triple a = draw_triple(seed, 128);
    at::set_num_threads(2);
    const Triple b = draw_triple(seed, 128);
    EXPECT_EQ(hash_bytes(a.normal), hash_bytes(b.normal));
    EXPECT_EQ(hash_bytes(a.flawed), hash_bytes(b.flawed));
    EXPECT_EQ(hash_bytes(a.mask), hash_bytes(b.mask));
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_NE(hash_bytes(a.normal), hash_bytes(draw_surface(seed + 1, 128)));
  }
  at::set_num_threads(threads);
}

TEST(SceneTest, SurfaceIsTheNormalOfItsTriple) {
  EXPECT_TRUE(torch::equal(draw_surface(9, 128), draw_triple(9, 128).normal));
}

TEST(SceneTest, AllKindsAppear) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 400 && seen.size() < defect_kinds().size(); seed++)
    seen.insert(draw_triple(seed, 48).kind);
  EXPECT_THAT(std::vector<std::string>(seen.begin(), seen.end()),
              testing::UnorderedElementsAreArray(defect_kinds()));
}

TEST(SceneTest, SurfacesDifferInBrightnessContrastAndColour) {
  std::vector<float> means, spreads;
  int grey = 0;
  const int n = 100;
  for (int seed = 0; seed < n; seed++) {
    const auto s = draw_surface(seed, 96) * 0.5 + 0.5;
    means.push_back(s.mean().item<float>());
    spreads.push_back(s.std().item<float>());
    grey += torch::equal(s[0], s[1]) && torch::equal(s[1], s[2]) ? 1 : 0;
  }
  const auto deviation = [](const std::vector<float>& v) { return torch::tensor(v).std().item<float>(); };
  EXPECT_GT(deviation(means), 0.1f);
  EXPECT_GT(deviation(spreads), 0.03f);
  EXPECT_LT(*std::min_element(means.begin(), means.end()), 0.2f);
  EXPECT_GT(*std::max_element(means.begin(), means.end()), 0.6f);
  EXPECT_GT(grey, n / 5);
  EXPECT_LT(grey, n / 2);
}

TEST(SceneTest, EveryKindCanBeDrawnOnAnyPicture) {
  const auto ramp = torch::linspace(-0.9, 0.9, 80).view({1, 1, 80}).expand({3, 64, 80}).contiguous();
  const torch::Tensor pictures[] = {torch::full({3, 64, 80}, -1.0f), torch::full({3, 64, 80}, 1.0f),
                                    torch::full({3, 64, 80}, 0.123f), ramp};
  for (const auto& picture : pictures)
    for (const std::string& kind : defect_kinds()) {
      SCOPED_TRACE(kind);
      const Triple t = draw_defect_on(picture, 5, kind);
      expect_sound(t, 64, 80);
      EXPECT_TRUE(torch::equal(t.normal, picture));
      EXPECT_EQ(t.kind, kind);
    }
}

TEST(SceneTest, UnknownKindIsRefused) {
  EXPECT_THROW(draw_defect_on(torch::zeros({3, 32, 32}), 1, "gremlin"), c10::Error);
}

TEST(SceneTest, ForegroundOfAPartOnPlainGroundIsFound) {
  Picture photo(64, 64, {0.9f, 0.9f, 0.9f});
  for (int y = 20; y < 44; y++)
    for (int x = 16; x < 40; x++) photo.set(photo.c[0].index(x, y), {0.2f, 0.1f, 0.1f});
  bool has_edge = false;
  const Plane foreground = estimate_foreground(photo, &has_edge);
  EXPECT_TRUE(has_edge);
  EXPECT_EQ(foreground.at(20, 30), 1.0f);
  EXPECT_EQ(foreground.at(60, 30), 0.0f);
  estimate_foreground(Picture(64, 64, {0.5f, 0.5f, 0.5f}), &has_edge);
  EXPECT_FALSE(has_edge);
}

TEST(SceneTest, DefectsSitOnThePartMostly) {
  auto picture = torch::full({3, 128, 128}, 0.8f);
  using torch::indexing::Slice;
  picture.index_put_({Slice(), Slice(32, 96), Slice(32, 96)}, -0.4f);
  auto on_part = torch::zeros({1, 128, 128});
  on_part.index_put_({Slice(), Slice(32, 96), Slice(32, 96)}, 1.0f);
  int touching = 0;
  for (uint64_t seed = 0; seed < 60; seed++)
    touching += (draw_defect_on(picture, seed).mask * on_part).sum().item<float>() > 0 ? 1 : 0;
  EXPECT_GE(touching, 48);
}

TEST(SceneTest, ReportsItsSpeed) {
  const auto start = std::clock();
  const int n = 20;
  for (int seed = 0; seed < n; seed++) draw_triple(seed, 256);
  const double ms = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / n;
  RecordProperty("cpu_ms_per_triple", std::to_string(ms));
  std::printf("a 256 px triple takes %.1f CPU-ms\n", ms);
}

}  // namespace
}  // namespace kizu::synthetic
