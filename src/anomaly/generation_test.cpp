#include "anomaly/generation.h"

#include <gtest/gtest.h>

#include "anomaly/residual_paste.h"
#include "core/error.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::anomaly {
namespace {

/// A tiny base whose outputs, normally zero before training, are stirred so that every path matters.
ldm::CompactModel tiny_base() {
  ldm::CompactConfig config;
  config.autoencoder = {4, 8, 8, 1};
  config.unet.latent_channels = 4;
  config.unet.channels = {8, 8, 16};
  config.unet.heads = 2;
  config.unet.context_dim = 16;
  config.unet.time_dim = 16;
  config.unet.appearance_tokens = 2;
  auto model = ldm::CompactModel::create(config, 3);
  const torch::NoGradGuard no_gradients;
  uint64_t index = 0;
  for (auto& weight : model.unet->parameters())
    weight.add_(0.05 * NoiseStream(mix(1, "stir", index++)).normal(weight.sizes()));
  model.train(false);
  return model;
}

TypeEmbedding scratch() {
  return {"scratch", NoiseStream(5).normal({2, 16}), NoiseStream(6).normal({3, 2, 16}),
          0.2 * NoiseStream(7).normal({3, 3})};
}

Image photo(int width, int height, int channels, int depth) {
  Image image = Image::blank(width, height, channels, depth);
  NoiseStream stream(static_cast<uint64_t>(width * 7 + height));
  for (auto& value : image.values)
    value = static_cast<std::uint16_t>((0.3 + 0.4 * stream.uniform()) * image.max_value());
  return image;
}

Mask with_boxes(int width, int height, const std::vector<Box>& boxes) {
  Mask mask = Mask::blank(width, height);
  for (const Box& box : boxes)
    for (int y = box.y0; y < box.y1; y++)
      for (int x = box.x0; x < box.x1; x++) mask.at(x, y) = 1;
  return mask;
}

GenerateOptions quick() {
  GenerateOptions options;
  options.steps = 3;
  options.strength = 4;  // an untrained decoder says little
  return options;
}

long long changed_pixels(const Image& a, const Image& b) {
  long long count = 0;
  for (std::size_t i = 0; i < a.values.size(); i++) count += a.values[i] != b.values[i];
  return count;
}

/// Outside the dilated mask nothing changes, and something changes inside.
void expect_confined(const Image& good, const GeneratedPair& pair, const GenerateOptions& options) {
  ASSERT_EQ(pair.image.channels, good.channels);
  ASSERT_EQ(pair.image.depth, good.depth);
  double zoom = 16;
  for (const Window& window : pair.windows) zoom = std::min(zoom, window.zoom());
  const Mask wide = kizu::dilate(pair.mask, static_cast<int>(std::ceil(options.feather / zoom)));
  for (std::size_t i = 0; i < good.values.size(); i++) {
    const std::size_t pixel = i / good.channels;
    const bool touched = pair.touched.values[pixel], inside = pair.mask.values[pixel];
    ASSERT_TRUE(touched || pair.image.values[i] == good.values[i]);
    ASSERT_TRUE(!touched || wide.values[pixel]);
    ASSERT_TRUE(!inside || touched);
  }
  EXPECT_GT(changed_pixels(good, pair.image), 0);
}

TEST(GeneratePair, ChangesNothingOutsideTheDilatedMask) {
  const auto base = tiny_base();
  struct Case {
    int width, height, channels, depth;
    std::vector<Box> boxes;
  };
  for (const Case& c : std::vector<Case>{{96, 80, 1, 8, {{40, 30, 52, 41}}},
                                         {300, 200, 3, 8, {{10, 10, 14, 60}, {270, 150, 295, 160}}},
                                         {120, 333, 3, 16, {{0, 100, 9, 120}}},
                                         {50, 40, 1, 16, {{0, 0, 50, 40}}},
                                         {700, 620, 1, 8, {{50, 40, 600, 44}}},
                                         {5, 3, 1, 8, {{2, 1, 3, 2}}}}) {
    SCOPED_TRACE(std::to_string(c.width) + "x" + std::to_string(c.height));
    const Image good = photo(c.width, c.height, c.channels, c.depth);
    const Mask mask = with_boxes(c.width, c.height, c.boxes);
    const auto pair = generate_pair(base, scratch(), good, mask, 21, quick());
    EXPECT_EQ(pair.mask.values, mask.values);
    expect_confined(good, pair, quick());
  }
}

TEST(GeneratePair, IsTheSameOnAnyNumberOfWorkers) {
  const auto base = tiny_base();
  const Image good = photo(90, 70, 3, 8);
  const Mask mask = with_boxes(90, 70, {{30, 20, 50, 26}, {60, 50, 63, 53}});
  std::vector<std::vector<std::uint16_t>> first;
  for (const int workers : {1, 2, 4}) {
    WorkerPool pool(workers);
    std::vector<ldm::CompactModel> replicas;
    for (int i = 0; i < workers; i++) {
      replicas.push_back(base.replica());
      replicas.back().train(false);
    }
    std::vector<std::vector<std::uint16_t>> made(6);
    pool.run(6, [&](int worker, int64_t i) {
      const auto seed = mix(4, "pair", static_cast<uint64_t>(i));
      made[i] = generate_pair(replicas[worker], scratch(), good, mask, seed, quick()).image.values;
    });
    if (first.empty()) first = made;
    EXPECT_EQ(made, first) << workers << " workers";
  }
  EXPECT_NE(first[0], first[1]);
}

TEST(GeneratePair, EverySamplerAndSwitchHasItsEffect) {
  const auto base = tiny_base();
  const Image good = photo(80, 80, 1, 8);
  const Mask mask = with_boxes(80, 80, {{30, 30, 45, 40}});
  const auto made = [&](auto change) {
    auto options = quick();
    change(options);
    return generate_pair(base, scratch(), good, mask, 2, options).image.values;
  };
  const auto plain = made([](GenerateOptions&) {});
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.solver = diffusion::Solver::kDdim; }));
  EXPECT_NE(made([](GenerateOptions& o) { o.solver = diffusion::Solver::kDdim; }),
            made([](GenerateOptions& o) { o.solver = diffusion::Solver::kDdim, o.eta = 1; }));
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.guidance = 1.5; }));
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.reweighting = ReweightMode::kPaper; }));
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.reweighting = ReweightMode::kReference; }));
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.background = Background::kWhole; }));
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.variety = 0; }));
  EXPECT_NE(plain, made([](GenerateOptions& o) { o.match = 0; }));
  EXPECT_EQ(made([](GenerateOptions& o) { o.strength = 0; }), good.values);
}

TEST(GeneratePair, RedrawsADonorAndIsTheDonorWhereNothingIsDrawnAnew) {
  const auto base = tiny_base();
  const Image good = photo(80, 80, 1, 8);
  const Mask mask = with_boxes(80, 80, {{30, 30, 45, 40}});
  Shot shot{photo(80, 80, 1, 8), mask};
  for (int y = 30; y < 40; y++)
    for (int x = 30; x < 45; x++) shot.image.at(x, y) = 5;
  auto options = quick();
  options.strength = 1;
  options.from_shots = 1;
  const auto made = [&] { return generate_pair(base, scratch(), good, mask, 2, options, {&shot, 1, {}}); };
  options.redraw = 0;
  const auto pasted = made();
  EXPECT_LE(pasted.redrawn, 0.2);
  EXPECT_LT(pasted.image.at(37, 35), 60) << "the donor's dark box lies in the mask";
  options.redraw = 1;
  EXPECT_NE(pasted.image.values, made().image.values);
  options.from_shots = 0;
  EXPECT_EQ(made().image.values, generate_pair(base, scratch(), good, mask, 2, options).image.values);
}

// Lines of one pixel, which no canvas smaller than the photo shows.
TEST(GeneratePair, NothingOfTheGoodSurfaceShinesThroughALargeDonor) {
  Image good = Image::blank(400, 400, 1, 8);
  for (int y = 0; y < 400; y++)
    for (int x = 0; x < 400; x++) good.at(x, y) = x % 2 ? 170 : 130;
  const Mask mask = with_boxes(400, 400, {{40, 40, 360, 360}});
  Shot shot{good, mask};
  for (int y = 40; y < 360; y++)
    for (int x = 40; x < 360; x++) shot.image.at(x, y) = 90;
  auto options = quick();
  options.strength = 1, options.spread = 0, options.redraw = 0, options.from_shots = 1;
  const auto pair = generate_pair(tiny_base(), scratch(), good, mask, 2, options, {&shot, 1, {}});
  ASSERT_LT(pair.windows[0].zoom(), 0.8);
  const auto lines = [](const Image& image) {  // how strong they still are in the middle of the mask
    double sum = 0;
    for (int y = 100; y < 300; y++)
      for (int x = 100; x < 300; x++) sum += (x % 2 ? 1 : -1) * static_cast<double>(image.at(x, y));
    return sum / (200 * 200);
  };
  EXPECT_NEAR(lines(good), 20, 1e-9);
  EXPECT_NEAR(lines(pair.image), 0, 1);
}

TEST(GeneratePair, GreyPhotosInThreeChannelsStayGrey) {
  Image good = photo(64, 64, 3, 8);
  for (std::size_t i = 0; i < good.values.size(); i++) good.values[i] = good.values[i - i % 3];
  const auto pair =
      generate_pair(tiny_base(), scratch(), good, with_boxes(64, 64, {{20, 20, 40, 30}}), 2, quick());
  EXPECT_TRUE(colourless(pair.image));
  EXPECT_GT(changed_pixels(good, pair.image), 0);
}

TEST(SampleLatent, KeepsTheGoodLatentWhereTheMaskIsFar) {
  const auto good = NoiseStream(1).normal({1, 4, 16, 16});
  auto mask = torch::zeros({1, 1, 128, 128});
  mask.slice(2, 56, 64).slice(3, 40, 72).fill_(1);
  const auto made = sample_latent(tiny_base(), good, mask, scratch().tokens, 9, quick());
  const auto touched = ldm::touched_latents(mask, 1);
  EXPECT_EQ(((made - good) * (1 - touched)).abs().max().item<float>(), 0);
  EXPECT_GT(((made - good) * touched).abs().max().item<float>(), 0);
}

TEST(LookFor, LiesBetweenTheShots) {
  const auto type = scratch();
  NoiseStream stream(8);
  const auto low = type.tokens + type.shots.amin(0), high = type.tokens + type.shots.amax(0);
  for (int i = 0; i < 20; i++) {
    const auto tokens = look_for(type, 1, stream).tokens;
    EXPECT_TRUE(((tokens >= low - 1e-5) & (tokens <= high + 1e-5)).all().item<bool>());
  }
  EXPECT_TRUE(torch::equal(look_for({"a", type.tokens, {}, {}}, 1, stream).tokens, type.tokens));
}

TEST(GenerateChecked, TriesAgainThenGivesUp) {
  const auto base = tiny_base();
  Image good = photo(80, 80, 1, 8);
  for (auto& value : good.values) value = 120 + value % 8;  // calm: what is painted shows
  const Mask mask = with_boxes(80, 80, {{30, 30, 45, 40}});
  auto options = quick();
  options.strength = 0;
  const auto dropped = generate_checked(base, scratch(), good, mask, 1, options, Standard::of({}), 3);
  EXPECT_EQ(dropped.attempts, 3);
  EXPECT_TRUE(dropped.dropped);
  EXPECT_FALSE(dropped.score.reason.empty());
  options.strength = 4;
  const auto passed = generate_checked(base, scratch(), good, mask, 1, options, Standard::of({}), 3);
  EXPECT_FALSE(passed.dropped) << passed.score.reason;
  EXPECT_TRUE(passed.score.passed);
  // The seed that is handed back makes the same pair again.
  const auto again = generate_pair(base, scratch(), good, mask, passed.pair.seed, options);
  EXPECT_EQ(again.image.values, passed.pair.image.values);
}

TEST(GenerateChecked, DoesNotTryAgainWhereTheSurfaceHidesIt) {
  const Image rough = photo(80, 80, 1, 8);
  const auto lost = generate_checked(tiny_base(), scratch(), rough, with_boxes(80, 80, {{30, 30, 45, 40}}), 1,
                                     quick(), Standard::of({}), 3);
  EXPECT_EQ(lost.score.reason.rfind("lost in the surface", 0), 0u) << lost.score.reason;
  EXPECT_EQ(lost.attempts, 1);
  EXPECT_TRUE(lost.dropped);
}

TEST(GenerateOptions, AreNamedWhenWrong) {
  auto options = quick();
  options.eta = 2;
  try {
    options.check();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("eta"), std::string::npos);
  }
}

}  // namespace
}  // namespace kizu::anomaly
