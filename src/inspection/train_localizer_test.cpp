#include "inspection/train_localizer.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/sha256.h"
#include "inspection/detect.h"
#include "inspection/localizer_file.h"
#include "inspection/toy_set.h"
#include "metrics/pixel_metrics.h"
#include "tensor/convert.h"
#include "tensor/sharded.h"

namespace kizu::inspection {
namespace {

namespace fs = std::filesystem;

class StopsAfter : public Observer {
 public:
  explicit StopsAfter(int steps) : left_(steps) {}
  bool wants_stop() override { return --left_ == 0; }

 private:
  int left_;
};

class TrainLocalizer : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            ("kizu_localizer_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  fs::path folder(const std::string& name) {
    fs::create_directories(root_ / name);
    return root_ / name;
  }

  static TrainOptions quick() {
    TrainOptions options;
    options.net = {"light", 4};
    options.samples.crop = 32;
    options.steps = 12;
    options.batch = 4;
    options.checkpoint_every = 5;
    options.holdout = 0.25;
    options.choose = Choose::kBest;
    options.seed = 7;
    options.workers = 2;
    return options;
  }

  std::string bytes_after(const TrainOptions& options, const std::string& name) {
    Observer silent;
    return sha256_file(train_localizer(toy_set(8), options, folder(name), silent).file);
  }

  fs::path root_;
};

TEST_F(TrainLocalizer, LearnsADefectThatIsEasyToSee) {
  auto options = quick();
  options.net.width = 8;
  options.rate = 2e-3;
  options.samples.crop = 64;
  options.steps = 120;
  options.mix = Mix::parse("good:0.3,pairs:0.7");
  Observer silent;
  const auto outcome = train_localizer(toy_set(16), options, folder("run"), silent);
  EXPECT_GT(outcome.loss.front().second, outcome.loss.back().second);
  Detector detector(outcome.file, 2);
  metrics::PixelEvaluation evaluation;
  double good_score = 0, flawed_score = 0;
  for (int i = 0; i < 6; i++) {
    const auto unseen = toy_example(mix(99, "unseen", i), i % 2 == 0);
    const auto found = detector.detect(unseen.image.to(torch::kFloat32) / 255);
    (i % 2 == 0 ? flawed_score : good_score) += found.score;
    const auto heat = found.heat.contiguous();
    metrics::ScoredImage image{
        64, 64, {heat.data_ptr<float>(), heat.data_ptr<float>() + heat.numel()}, {}, {}};
    image.mask.assign(unseen.mask.data_ptr<uint8_t>(), unseen.mask.data_ptr<uint8_t>() + unseen.mask.numel());
    evaluation.add(image);
  }
  EXPECT_GT(*evaluation.finish().ranking.ap, 0.9);
  EXPECT_GT(flawed_score, 2 * good_score);
}

TEST_F(TrainLocalizer, WindowsAreNoLargerThanThePhotos) {
  auto wide = quick(), whole = quick(), part = quick();
  wide.samples.crop = 256, whole.samples.crop = 64, part.samples.crop = 32;
  const auto expected = bytes_after(whole, "whole");
  EXPECT_EQ(bytes_after(wide, "wide"), expected);
  EXPECT_NE(bytes_after(part, "part"), expected);
}

TEST_F(TrainLocalizer, StoppedAndResumedEqualsUndisturbed) {
  for (const char* net : {"light", "draem"}) {
    auto options = quick();
    options.net.net = net;
    const std::string name = net;
    const auto undisturbed = bytes_after(options, name + "undisturbed");
    for (const int stop : {3, 5, 11}) {
      const std::string stopped = name + std::to_string(stop);
      StopsAfter observer(stop);
      EXPECT_THROW(train_localizer(toy_set(8), options, folder(stopped), observer), Interrupted);
      EXPECT_EQ(bytes_after(options, stopped), undisturbed) << net << " stopped at " << stop;
    }
  }
}

TEST_F(TrainLocalizer, BytesDoNotDependOnTheNumberOfThreads) {
  auto options = quick();
  const auto two = bytes_after(options, "two");
  options.workers = 1;
  EXPECT_EQ(bytes_after(options, "one"), two);
  options.seed = 8;
  EXPECT_NE(bytes_after(options, "other"), two);
}

TEST_F(TrainLocalizer, OneMixFollowsAnother) {
  auto options = quick();
  const auto bytes = [&](const std::string& mix, const std::string& name) {
    options.mix = Curriculum::parse(mix);
    return bytes_after(options, name);
  };
  const auto pairs = bytes("good:1,pairs:1", "pairs"), shots = bytes("good:1,shots:1", "shots");
  EXPECT_EQ(bytes("good:1,pairs:1/good:1,pairs:1", "twice"), pairs);
  const auto both = bytes("good:1,pairs:1/good:1,shots:1", "both");
  EXPECT_NE(both, pairs);
  EXPECT_NE(both, shots);
  StopsAfter observer(static_cast<int>(options.steps * 3 / 4));
  EXPECT_THROW(train_localizer(toy_set(8), options, folder("stopped"), observer), Interrupted);
  EXPECT_EQ(bytes_after(options, "stopped"), both);
}

TEST_F(TrainLocalizer, ACheckpointOfOtherOptionsIsNotTakenUp) {
  auto options = quick();
  const auto fresh = bytes_after(options, "fresh");
  auto other = options;
  other.steps = 20;
  StopsAfter observer(7);
  EXPECT_THROW(train_localizer(toy_set(8), other, folder("mixed"), observer), Interrupted);
  EXPECT_EQ(bytes_after(options, "mixed"), fresh);
}

TEST_F(TrainLocalizer, HeldOutPairsAreJudged) {
  Observer silent;
  auto options = quick();
  const auto outcome = train_localizer(toy_set(8), options, folder("a"), silent);
  EXPECT_GE(outcome.holdout_ap.size(), 3u);
  options.holdout = 0;
  options.choose = Choose::kLast;
  const auto without = train_localizer(toy_set(8), options, folder("b"), silent);
  EXPECT_TRUE(without.holdout_ap.empty());
  EXPECT_EQ(without.chosen_step, options.steps);
}

TEST_F(TrainLocalizer, UntilFlatStopsWhenTheHeldOutLossNoLongerFalls) {
  Observer silent;
  auto options = quick();
  options.until_flat = true;
  options.look_every = 5;
  options.flat_looks = 2;
  options.steps = 60;
  options.flat_gain = 0.9;  // nothing gets ten times better in 10 steps
  const auto soon = train_localizer(toy_set(8), options, folder("soon"), silent);
  EXPECT_EQ(soon.flat_at, 15);  // the first time that two looks have another before them
  EXPECT_EQ(soon.steps, 22);
  EXPECT_EQ(soon.holdout_loss.size(), 3u);
  options.flat_looks = 100;  // there are never so many
  const auto capped = train_localizer(toy_set(8), options, folder("capped"), silent);
  EXPECT_EQ(capped.flat_at, options.latest_fall());
  EXPECT_EQ(capped.steps, 60);
  EXPECT_LT(capped.holdout_loss.back().second, capped.holdout_loss.front().second);
}

TEST_F(TrainLocalizer, UntilFlatStoppedAndResumedEqualsUndisturbed) {
  auto options = quick();
  options.until_flat = true;
  options.look_every = 5;
  options.flat_looks = 2;
  options.flat_gain = 0.9;
  options.steps = 60;
  options.mix = Mix::parse("good:0.5,crop_paste_poisson:0.5");  // the pairs only judge
  const auto undisturbed = bytes_after(options, "undisturbed");
  for (const int stop : {7, 15, 18}) {
    StopsAfter observer(stop);
    const std::string stopped = std::to_string(stop);
    EXPECT_THROW(train_localizer(toy_set(8), options, folder(stopped), observer), Interrupted);
    EXPECT_EQ(bytes_after(options, stopped), undisturbed) << "stopped at " << stop;
  }
  auto set = toy_set(8);
  set.pairs.clear();
  Observer silent;
  EXPECT_THROW(train_localizer(set, options, folder("none"), silent), Error);
}

TEST_F(TrainLocalizer, BadOptionsAreNamed) {
  const auto refused = [&](const std::function<void(TrainOptions&)>& change) {
    auto options = quick();
    change(options);
    EXPECT_THROW(options.check(), Error);
  };
  refused([](TrainOptions& o) { o.steps = -1; });
  refused([](TrainOptions& o) { o.batch = -1; });
  refused([](TrainOptions& o) { o.samples.crop = 8; });
  refused([](TrainOptions& o) { o.rate = 0; });
  refused([](TrainOptions& o) { o.holdout = 0.9; });
  refused([](TrainOptions& o) { o.net.net = "x"; });
  EXPECT_NO_THROW(TrainOptions::reference().check());
}

TEST_F(TrainLocalizer, FilesThatAreNoLocalizerAreRefused) {
  LocalizerInfo info;
  const auto file = root_ / "localizer.safetensors";
  EXPECT_THROW(load_localizer(file, info), Error);
  save_localizer(file, *make_localizer({"light", 4}, 1), {{"light", 4}, 128, 0.25});
  load_localizer(file, info);
  EXPECT_EQ(info.work_size, 128);
  EXPECT_EQ(info.config.width, 4);
  EXPECT_DOUBLE_EQ(info.threshold, 0.25);
  EXPECT_EQ(info.views, Views::kMirrored);
  EXPECT_EQ(info.window, 512);
  save_localizer(file, *make_localizer({"light", 4}, 1), {{"light", 4}, 128, 0.25, Views::kOne, 160});
  load_localizer(file, info);
  EXPECT_EQ(info.views, Views::kOne);
  EXPECT_EQ(info.window, 160);
  save_localizer(file, *make_localizer({"light", 4}, 1), {{"light", 4}, 128, 0.25, Views::kOne, -160});
  EXPECT_THROW(load_localizer(file, info), Error);
  fs::resize_file(file, fs::file_size(file) - 100);
  EXPECT_THROW(load_localizer(file, info), Error);
  write_tensors(file, {{"x", torch::ones({2})}});
  EXPECT_THROW(load_localizer(file, info), Error);
  write_tensors(file, {{"x", torch::ones({2})}}, {{"kizu.localizer", "{\"net\":3}"}});
  EXPECT_THROW(load_localizer(file, info), Error);
  std::ofstream(file) << "not a model";
  EXPECT_THROW(load_localizer(file, info), Error);
}

TEST(Detect, TilesGiveWhatTheWholePhotoGives) {
  const auto net = make_localizer({"light", 4}, 3);
  net->eval();
  WorkerPool pool(2);
  const auto nets = replicas<Localizer>(net, 2, [] { return make_localizer({"light", 4}, 3); });
  const auto photo = NoiseStream(4).uniform_tensor({3, 600, 1100});
  const auto tiled = heat_maps(nets, pool, {photo})[0];
  const torch::NoGradGuard no_grad;
  const auto whole = torch::softmax(net->forward(photo.unsqueeze(0)), 1)[0][1];
  EXPECT_EQ(tiled.sizes(), whole.sizes());
  EXPECT_LT((tiled - whole).abs().mean().item<double>(), 0.1 * whole.std().item<double>());
}

TEST(Detect, AnyWindowCoversPhotosOfAnySize) {
  const auto net = make_localizer({"light", 4}, 3);
  net->eval();
  WorkerPool pool(1);
  for (const int64_t window : {1, 32, 130, 160, 250, 4096})
    for (const int64_t width : {1, 127, 161, 200, 333, 700}) {
      const auto heat = heat_maps({net}, pool, {torch::rand({3, 65, width})}, Views::kOne, window)[0];
      EXPECT_EQ(heat.sizes(), (std::vector<int64_t>{65, width}));
      EXPECT_TRUE(heat.isfinite().all().item<bool>()) << window << " " << width;
    }
}

TEST(Detect, APhotoOfOneWindowIsSeenWholeAndALargerOneInTiles) {
  const auto net = make_localizer({"light", 4}, 3);
  net->eval();
  WorkerPool pool(1);
  const auto seen = [&](const torch::Tensor& photo, int64_t window) {
    return heat_maps({net}, pool, {photo}, Views::kOne, window)[0];
  };
  const auto photo = NoiseStream(6).uniform_tensor({3, 160, 256}), part = photo.slice(2, 0, 160);
  EXPECT_TRUE(seen(part, 160).equal(seen(part, 512)));
  EXPECT_GT((seen(photo, 160) - seen(photo, 512)).abs().max().item<double>(), 1e-4);
  // Left of the overlap nothing but the first tile counts.
  const auto left = [](const torch::Tensor& map) { return map.slice(1, 0, 96); };
  EXPECT_LT((left(seen(photo, 160)) - left(seen(part, 160))).abs().max().item<double>(), 1e-6);
}

TEST(Detect, MirroredViewsGiveTheMeanOfFourMaps) {
  const auto net = make_localizer({"light", 4}, 3);
  net->eval();
  WorkerPool pool(2);
  const auto nets = replicas<Localizer>(net, 2, [] { return make_localizer({"light", 4}, 3); });
  const auto wide = NoiseStream(4).uniform_tensor({3, 96, 608}),
             small = NoiseStream(5).uniform_tensor({3, 40, 70});
  const auto both = heat_maps(nets, pool, {wide, small}, Views::kMirrored);
  const auto mean = [&](const torch::Tensor& photo) {
    torch::Tensor sum = torch::zeros({photo.size(1), photo.size(2)});
    for (const auto& sides : std::vector<std::vector<int64_t>>{{}, {1}, {2}, {1, 2}}) {
      std::vector<int64_t> back;
      for (const int64_t side : sides) back.push_back(side - 1);
      sum += heat_maps(nets, pool, {photo.flip(sides)})[0].flip(back);
    }
    return sum / 4;
  };
  EXPECT_LT((both[1] - mean(small)).abs().max().item<double>(), 1e-6);
  EXPECT_GT((both[1] - heat_maps(nets, pool, {small})[0]).abs().max().item<double>(), 1e-3);
  // Its two tiles lie the same way from either end.
  EXPECT_LT((both[0] - mean(wide)).abs().max().item<double>(), 1e-6);
  const auto turned = heat_maps(nets, pool, {small.flip({1})}, Views::kMirrored)[0].flip({0});
  EXPECT_LT((both[1] - turned).abs().max().item<double>(), 1e-6);
}

TEST(Detect, HeatHasTheSizeOfThePhoto) {
  const auto file = fs::path(testing::TempDir()) / "kizu_detect.safetensors";
  save_localizer(file, *make_localizer({"light", 4}, 1), {{"light", 4}, 64, 0.5});
  Detector detector(file, 1);
  for (const auto& size : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {30, 50}, {200, 333}}) {
    const auto found = detector.detect(NoiseStream(1).uniform_tensor({3, size.first, size.second}));
    EXPECT_EQ(found.heat.sizes(), (std::vector<int64_t>{size.first, size.second}));
    EXPECT_GE(found.heat.min().item<double>(), 0);
    EXPECT_LE(found.heat.max().item<double>(), 1);
    EXPECT_GE(found.score, 0);
  }
  fs::remove(file);
}

}  // namespace
}  // namespace kizu::inspection
