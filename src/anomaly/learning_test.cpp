#include "anomaly/learning.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "image/decode.h"
#include "ldm/tiny_model.h"

namespace kizu::anomaly {
namespace {

const std::vector<std::string> kTypes{"scratch", "big dent"};

ldm::CompactModel base() {
  auto model = ldm::CompactModel::create(ldm::tiny_config(), 4);
  ldm::stir(model);
  model.train(false);
  return model;
}

// Two shots each: a bright box or a dark one on a grainy surface.
std::vector<DefectPhoto> shots() {
  std::vector<DefectPhoto> all;
  for (int i = 0; i < 4; i++) {
    DefectPhoto photo{kTypes[i / 2], Image::blank(72, 64, 3), Mask::blank(72, 64)};
    NoiseStream grain(i);
    for (auto& value : photo.image.values) value = static_cast<std::uint16_t>(110 + grain.below(30));
    for (int y = 20; y < 30 + 3 * i; y++) {
      for (int x = 25 + i; x < 37; x++) {
        photo.mask.at(x, y) = 1;
        for (int c = 0; c < 3; c++) photo.image.at(x, y, c) = i < 2 ? 240 : 10;
      }
    }
    all.push_back(photo);
  }
  return all;
}

LearnOptions quick() {
  LearnOptions options;
  options.steps_per_type = 6;
  options.batch = 4;
  options.shards = 2;
  options.variants = 1;
  options.check_every = 6;
  options.workers = 1;
  return options;
}

// Stops the job when it has asked `after` times; remembers what was said.
struct Impatient : Observer {
  explicit Impatient(int after = -1) : after_(after) {}
  bool wants_stop() override { return ++asked_ == after_; }
  void said(const std::string& sentence) override { said_ += sentence; }
  int after_, asked_ = 0;
  std::string said_;
};

// The embeddings' file as bytes, learned in `folder` on a base of its own.
std::string learned(const ScratchFolder& folder, const LearnOptions& options, LearningCurve& curve,
                    int stop_after = -1) {
  auto model = base();
  Impatient observer(stop_after);
  learn(model, kTypes, shots(), options, folder.path(), observer, curve).write(folder / "e.safetensors");
  return read_file(folder / "e.safetensors");
}

std::string learned(const LearnOptions& options) {
  const ScratchFolder folder;
  LearningCurve curve;
  return learned(folder, options, curve);
}

TEST(EncodeShots, GivesTheDefectAndASurfaceWithoutIt) {
  if (!can_decode()) GTEST_SKIP() << "built without OpenCV, which inpaints";
  auto model = base();
  auto options = quick();
  options.variants = 2;
  const auto windows = encode_shots(model, kTypes, shots(), options);
  ASSERT_EQ(windows.size(), 8u);  // 2 types, 2 shots, 2 variants
  for (size_t i = 0; i < windows.size(); i++) {
    EXPECT_EQ(windows[i].type, static_cast<int64_t>(i / 4));
    EXPECT_EQ(windows[i].shot, static_cast<int64_t>(i / 2 % 2));
    EXPECT_EQ(windows[i].mask.sizes(), (std::vector<int64_t>{1, 128, 128}));
    EXPECT_EQ(windows[i].flawed.sizes(), (std::vector<int64_t>{4, 16, 16}));
    EXPECT_GT(windows[i].mask.sum().item<double>(), 0);
    const auto touched = torch::max_pool2d(windows[i].mask.unsqueeze(0), 8)[0];
    const auto difference = (windows[i].flawed - windows[i].background).abs();
    EXPECT_GT((difference * touched).max().item<double>(), 1e-2);
    EXPECT_LT(difference[0][0][15].item<double>(), 5e-3) << "far away, no more than rounding to 8 bits";
  }
}

class Learning : public testing::Test {
  void SetUp() override {
    if (!can_decode()) GTEST_SKIP() << "built without OpenCV, which inpaints";
  }
};

TEST_F(Learning, ChangesTheTokensAndTheTunedWeightsAlone) {
  const ScratchFolder folder;
  auto model = base();
  const auto before = ldm::weights_of(model);
  Observer silent;
  LearningCurve curve;
  const auto result = learn(model, kTypes, shots(), quick(), folder.path(), silent, curve);
  EXPECT_EQ(curve.steps, (std::vector<int64_t>{0, 6, 12}));
  ASSERT_EQ(curve.loss.size(), 3u);
  for (const double loss : curve.loss) EXPECT_TRUE(std::isfinite(loss) && loss > 0);
  EXPECT_LT(curve.loss.back(), curve.loss.front());
  EXPECT_FALSE(curve.stopped_early);

  int tuned = 0;
  for (const auto& [name, tensor] : ldm::weights_of(model)) {
    const bool may_change = name.rfind("spatial.", 0) == 0 || name.find(".cross.") != std::string::npos;
    EXPECT_EQ(result.tuned.count(name), may_change ? 1u : 0u) << name;
    if (may_change) {
      tuned += !tensor.equal(before.at(name));
      EXPECT_TRUE(tensor.equal(result.tuned.at(name))) << name;
    } else {
      EXPECT_TRUE(tensor.equal(before.at(name))) << name;
    }
  }
  EXPECT_GT(tuned, 20);

  const ScratchFolder frozen_folder;
  auto frozen_base = base();
  auto frozen = quick();
  frozen.token_rate = 0;  // leaves the tokens as the appearance encoder gave them
  const auto start = learn(frozen_base, kTypes, shots(), frozen, frozen_folder.path(), silent, curve);
  for (size_t i = 0; i < kTypes.size(); i++) {
    EXPECT_EQ(result.types[i].type, kTypes[i]);
    EXPECT_EQ(result.types[i].tokens.sizes(), (std::vector<int64_t>{2, 16}));
    EXPECT_EQ(result.types[i].shots.sizes(), (std::vector<int64_t>{2, 2, 16}));
    EXPECT_GT((result.types[i].tokens - start.types[i].tokens).abs().max().item<double>(), 1e-3);
    EXPECT_LT(start.types[i].shots.mean(0).abs().max().item<double>(), 1e-5) << "shots vary around the type";
  }
}

TEST_F(Learning, TokensAloneLeaveTheBaseAlone) {
  const ScratchFolder folder;
  auto model = base();
  const auto before = ldm::weights_of(model);
  auto options = quick();
  options.tuned = Tuned::kTokens;
  Observer silent;
  LearningCurve curve;
  const auto result = learn(model, kTypes, shots(), options, folder.path(), silent, curve);
  EXPECT_TRUE(result.tuned.empty());
  for (const auto& [name, tensor] : ldm::weights_of(model))
    EXPECT_TRUE(tensor.equal(before.at(name))) << name;
}

TEST_F(Learning, BytesDependOnTheSeedAndNotOnTheWorkers) {
  auto options = quick();
  const auto one = learned(options);
  options.workers = 2;
  EXPECT_EQ(one, learned(options));
  options.seed = 2;
  EXPECT_NE(one, learned(options));
}

TEST_F(Learning, InterruptedGoesOnToTheSameBytes) {
  const ScratchFolder whole, cut;
  LearningCurve curve, resumed_curve;
  const auto undisturbed = learned(whole, quick(), curve);
  EXPECT_THROW(learned(cut, quick(), resumed_curve, 7), Interrupted);
  EXPECT_FALSE(std::filesystem::exists(cut / "e.safetensors"));
  EXPECT_EQ(undisturbed, learned(cut, quick(), resumed_curve));
  EXPECT_EQ(curve.steps, resumed_curve.steps);
  EXPECT_EQ(curve.loss, resumed_curve.loss);
  EXPECT_EQ(undisturbed, learned(cut, quick(), resumed_curve)) << "finished stays finished";
}

TEST_F(Learning, StopsWhereTheLossIsFlat) {
  const ScratchFolder folder;
  auto options = quick();
  options.check_every = 1;
  options.flat = 1;  // nothing is gain enough
  LearningCurve curve, again;
  auto model = base();
  Impatient observer;
  learn(model, kTypes, shots(), options, folder.path(), observer, curve);
  EXPECT_TRUE(curve.stopped_early);
  EXPECT_EQ(curve.steps.back(), 5);  // the first look that has six to compare
  EXPECT_NE(observer.said_.find("5 of 12"), std::string::npos) << observer.said_;
  model = base();
  learn(model, kTypes, shots(), options, folder.path(), observer, again);
  EXPECT_EQ(curve.loss, again.loss);
}

TEST(LearnOptions, RefusesWhatCannotBeLearned) {
  const ScratchFolder folder;
  auto model = base();
  Observer silent;
  LearningCurve curve;
  const auto complaint = [&](const std::vector<std::string>& types, const LearnOptions& options) {
    return message_of<Error>([&] { learn(model, types, shots(), options, folder.path(), silent, curve); });
  };
  EXPECT_NE(complaint({"scratch", "hole"}, quick()).find("'hole'"), std::string::npos);
  auto options = quick();
  options.batch = 3;
  EXPECT_NE(complaint(kTypes, options).find("--learn-batch"), std::string::npos);
  options = quick();
  options.variants = 0;
  EXPECT_NE(complaint(kTypes, options).find("--variants"), std::string::npos);
  options = quick();
  options.steps_per_type = 0;
  EXPECT_NE(complaint(kTypes, options).find("--learn-steps"), std::string::npos);
  EXPECT_EQ(folder.count(), 0u);
}

}  // namespace
}  // namespace kizu::anomaly
