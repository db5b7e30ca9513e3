#include "pipeline/concept_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/memory.h"
#include "core/run_folder.h"
#include "core/scratch_folder.h"
#include "image/codec.h"
#include "ldm/tiny_latent.h"
#include "ldm/unicode.h"
#include "pipeline/steps.h"

namespace kizu::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Grey grain; with a bright bar as defect, if `bar`.
void write_photo(const fs::path& file, uint64_t seed, bool bar) {
  Image image = Image::blank(96, 80, 3);
  NoiseStream grain(seed);
  for (auto& value : image.values) value = static_cast<std::uint16_t>(90 + grain.below(40));
  Mask mask = Mask::blank(96, 80);
  const int left = static_cast<int>(10 + grain.below(40)), top = static_cast<int>(10 + grain.below(40));
  for (int y = top; bar && y < top + 14; y++)
    for (int x = left; x < left + 24; x++) {
      mask.at(x, y) = 1;
      for (int c = 0; c < 3; c++) image.at(x, y, c) = 230;
    }
  fs::create_directories(file.parent_path());
  write_png(file, image);
  if (bar) write_png(file.parent_path() / (file.stem().string() + "_mask.png"), mask);
}

/// A product with good photos and the defect types.
void write_product(const fs::path& folder, const std::vector<std::string>& types, uint64_t seed) {
  for (int i = 0; i < 8; i++)
    write_photo(folder / "good" / (number_text(i) + ".png"), mix(seed, "good", i), false);
  for (const auto& type : types)
    for (int i = 0; i < 4; i++)
      write_photo(folder / type / (number_text(i) + ".png"), mix(seed, type, i), true);
}

/// vocab.json and merges.txt numbered as CLIP's are: the bytes that can be seen, the others, all of them at
/// the end of a word, and from there on something; no merges. `first` is the number of the first byte.
void write_clip_vocabulary(const fs::path& folder, size_t first) {
  std::vector<std::string> bytes;
  char32_t hidden = 256;
  for (const bool wanted : {true, false})
    for (char32_t byte = 0; byte < 256; byte++) {
      const bool seen = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
      if (seen == wanted) bytes.push_back(ldm::unicode::encode(std::u32string(1, seen ? byte : hidden++)));
    }
  Json vocabulary = Json::object();
  const auto add = [&](const std::string& piece) { vocabulary[piece] = vocabulary.size(); };
  while (vocabulary.size() < first) add("before" + std::to_string(vocabulary.size()));
  for (const char* end : {"", "</w>"})
    for (const auto& byte : bytes) add(byte + end);
  while (vocabulary.size() < 49406) add("behind" + std::to_string(vocabulary.size()));
  add("<|startoftext|>");
  add("<|endoftext|>");
  write_json(folder / "vocab.json", vocabulary);
  write_file(folder / "merges.txt", "#version: 0.2\n");
}

class ConceptStepsTest : public testing::Test {
 protected:
  ConceptStepsTest() {
    write_product(scratch_ / "photos/nut", {"dent", "rust"}, 1);
    write_product(scratch_ / "photos/bolt", {"bend"}, 2);
    auto config = ldm::tiny_latent(ldm::BaseFamily::kLdmBert);
    config.unet.channel_mult = {1};
    config.unet.attention_resolutions = {1};
    ldm::LatentDiffusion::create(config, 3).save(scratch_ / "base", torch::kFloat32, {});
  }

  Workspace workspace(const std::string& category, const std::string& out, int workers = 2) const {
    Workspace workspace;
    workspace.data = scratch_ / "photos" / category;
    workspace.category = category;
    workspace.model = scratch_ / "base";
    workspace.out = scratch_ / out;
    workspace.workers = workers;
    return workspace;
  }

  static ConceptStep quick(anomaly::Preset preset = {}) {
    for (const char* each : {"steps=3", "mask_steps=2", "batch=2", "sampler_steps=2", "mask_sampler_steps=2",
                             "spatial_encoder=small"})
      preset.set(each);
    ConceptStep step;
    step.preset = preset;
    step.pairs = 2;
    return step;
  }

  static RunStep whole_run(const ConceptStep& concepts) {
    RunStep run;
    run.concepts = concepts;
    run.train.steps = 4;
    run.train.batch = 2;
    run.train.samples.crop = 64;
    run.train.work_size = 64;
    return run;
  }

  /// Split, learning, masks and pairs.
  void make_pairs(const Workspace& place, const ConceptStep& step, Observer& observer) const {
    Observer patient;
    place.save();
    split_step(place, {}, patient);
    learn_concepts_step({place}, step, observer);
    make_masks(place, {}, step, observer);
    paint_step(place, step, observer);
  }

  /// Every file but the journals, with its bytes.
  static std::map<std::string, std::string> tree(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!entry.is_regular_file() || name == "events.jsonl" || name.find(".lock") != std::string::npos)
        continue;
      files[entry.path().lexically_relative(folder).generic_string()] = read_file(entry.path());
    }
    return files;
  }

  static std::string error_of(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  ScratchFolder scratch_;
  Observer observer_;
};

struct StopsAfter : Observer {
  explicit StopsAfter(int count) : left(count) {}
  bool wants_stop() override { return --left <= 0; }
  std::atomic<int> left;
};

TEST_F(ConceptStepsTest, ARunGoesFromPhotosToALocalizerAndAReport) {
  const auto place = workspace("nut", "run");
  run_step(place, whole_run(quick()), observer_);
  EXPECT_EQ(read_list(place.step("pairs") / "pairs.json", "pairs", {}).size(), 4u);
  const auto pair = read_image(place.step("pairs") / "dent/0001.image.png");
  EXPECT_EQ(pair.width, 96);
  EXPECT_TRUE(fs::exists(place.step("learn") / "curve.json"));
  EXPECT_TRUE(fs::exists(place.step("localizer-after") / "localizer.safetensors"));
  EXPECT_TRUE(fs::exists(place.step("evaluation-after") / "metrics.json"));
  EXPECT_THAT(read_file(place.out / "report.html"), HasSubstr("dent"));
}

TEST_F(ConceptStepsTest, ThePublishedWayMakesItsOwnMasksAndSmallJpegPictures) {
  const auto place = workspace("nut", "run");
  run_step(place, whole_run(quick(anomaly::Preset::reference())), observer_);
  const auto concepts = read_concepts(place);
  EXPECT_EQ(concepts.masks.size(), 2u);
  EXPECT_EQ(concepts.anomalies.count("nut+rust"), 1u);
  const auto pair = read_image(place.step("pairs") / "rust/0002.image.jpg");
  EXPECT_EQ(pair.width, 256);
  EXPECT_TRUE(fs::exists(place.step("masks") / "rust/0002.jpg"));
  EXPECT_TRUE(fs::exists(place.step("evaluation-after") / "metrics.json"));
}

TEST_F(ConceptStepsTest, ComesToTheSameBytesWithOtherThreadsAndAfterInterruptions) {
  auto step = quick(anomaly::Preset::paper());
  const auto whole = workspace("nut", "whole", 1), cut = workspace("nut", "cut", 3);
  make_pairs(whole, step, observer_);
  int interruptions = 0;
  for (;;) {
    // What is there already asks again whether to stop: allow a little more now and then.
    StopsAfter observer(2 + interruptions / 3);
    try {
      make_pairs(cut, step, observer);
      break;
    } catch (const Interrupted&) {
      ASSERT_LT(++interruptions, 40);
    }
  }
  EXPECT_GE(interruptions, 5);
  EXPECT_EQ(tree(whole.out), tree(cut.out));
}

TEST_F(ConceptStepsTest, ProductsLearnTogetherAndAreWorkedOnOneByOne) {
  std::vector<Workspace> products{workspace("nut", "all/nut"), workspace("bolt", "all/bolt")};
  set_joint(products);
  for (const auto& product : products) {
    product.save();
    split_step(product, {}, observer_);
  }
  learn_concepts_step(products, quick(), observer_);
  const auto reopened = Workspace::open(scratch_ / "all/bolt", 1);
  const auto concepts = read_concepts(reopened);
  EXPECT_EQ(concepts.anomalies.size(), 3u);
  EXPECT_EQ(concepts.anomalies.count("bolt+bend"), 1u);
  make_masks(reopened, {}, quick(), observer_);
  paint_step(reopened, quick(), observer_);
  EXPECT_TRUE(fs::exists(reopened.step("pairs") / "bend/0002.image.png"));
}

TEST_F(ConceptStepsTest, ATypeAddedLaterLeavesTheOthersPicturesAsTheyWere) {
  auto first = workspace("nut", "first");
  auto step = quick();
  first.save();
  split_step(first, {0, {"dent"}}, observer_);
  learn_concepts_step({first}, step, observer_);
  make_masks(first, {}, step, observer_);
  paint_step(first, step, observer_);

  auto second = workspace("nut", "second");
  second.save();
  split_step(second, {}, observer_);
  auto adding = step;
  adding.add_to = first.step("learn") / "concepts.safetensors";
  learn_concepts_step({second}, adding, observer_);
  EXPECT_EQ(read_concepts(second).anomalies.size(), 2u);
  make_masks(second, {}, step, observer_);
  paint_step(second, step, observer_);
  for (const char* file : {"dent/0001.image.png", "dent/0002.image.png", "dent/0001.mask.png"})
    EXPECT_EQ(read_file(first.step("pairs") / file), read_file(second.step("pairs") / file)) << file;
}

TEST_F(ConceptStepsTest, ABaseOf16BitsGivesTheSameBytesWhetherItsWeightsAreKeptSoOrWidened) {
  auto config = ldm::read_config(scratch_ / "base");
  ldm::LatentDiffusion::create(config, 3).save(scratch_ / "base", torch::kBFloat16, {});
  auto step = quick(anomaly::Preset::paper());
  EXPECT_EQ(step.on(scratch_ / "base").load.kept, torch::kBFloat16);
  const auto kept = workspace("bolt", "kept"), widened = workspace("bolt", "widened");
  make_pairs(kept, step, observer_);
  step.widen = true;
  EXPECT_EQ(step.on(scratch_ / "base").load.kept, torch::kFloat32);
  make_pairs(widened, step, observer_);
  EXPECT_EQ(tree(kept.out), tree(widened.out));
  struct Refuses : Observer {
    bool wants_stop() override { throw std::logic_error("it works again"); }
  } refuses;
  EXPECT_NO_THROW(paint_step(kept, step, refuses));  // the same run
}

TEST_F(ConceptStepsTest, AnotherSamplerOrMorePairsNeedNoNewLearning) {
  const auto place = workspace("bolt", "run");
  place.save();
  split_step(place, {}, observer_);
  auto step = quick();
  learn_concepts_step({place}, step, observer_);
  const auto learned = tree(place.step("learn"));
  step.preset.set("sampler_steps=5");
  step.pairs = 3;
  struct Refuses : Observer {
    bool wants_stop() override { throw std::logic_error("it learns again"); }
  } refuses;
  learn_concepts_step({place}, step, refuses);
  EXPECT_EQ(tree(place.step("learn")), learned);
  step.preset.set("learning_rate=0.1");
  EXPECT_THROW(learn_concepts_step({place}, step, refuses), std::logic_error);
}

TEST_F(ConceptStepsTest, ConceptsOfAnotherBaseAreRefused) {
  const auto place = workspace("nut", "run");
  place.save();
  split_step(place, {}, observer_);
  learn_concepts_step({place}, quick(), observer_);
  auto config = ldm::read_config(place.model);
  ldm::LatentDiffusion::create(config, 4).save(place.model, torch::kFloat32, {});
  EXPECT_THAT(error_of([&] { read_concepts(place); }), HasSubstr("another base"));
  config.text.width = config.unet.context_dim = 32;
  ldm::LatentDiffusion::create(config, 4).save(place.model, torch::kFloat32, {});
  EXPECT_THAT(error_of([&] { paint_step(place, quick(), observer_); }), HasSubstr("masks.json is missing"));
  auto adding = quick();
  adding.add_to = place.step("learn") / "concepts.safetensors";
  const auto other = workspace("bolt", "other");
  other.save();
  split_step(other, {}, observer_);
  EXPECT_THAT(error_of([&] { learn_concepts_step({other}, adding, observer_); }),
              testing::AllOf(HasSubstr("--add-to"), HasSubstr("16 wide")));
}

TEST_F(ConceptStepsTest, WhatCannotWorkIsToldBeforeAnythingIsWritten) {
  const auto place = workspace("bolt", "run");
  const auto refusal = [&](const ConceptStep& step) {
    const auto text = error_of([&] { run_step(place, whole_run(step), observer_); });
    EXPECT_FALSE(fs::exists(place.out)) << text;
    return text;
  };
  auto step = quick();
  step.add_to = scratch_ / "absent.safetensors";
  EXPECT_THAT(refusal(step), testing::AllOf(HasSubstr("--add-to"), HasSubstr("absent.safetensors")));
  step.add_to = scratch_ / "base/unet.safetensors";
  EXPECT_THAT(refusal(step), testing::AllOf(HasSubstr("--add-to"), HasSubstr("holds no concepts")));
  anomaly::LearnedConcepts concepts;
  concepts.anomalies["bolt+bend"] = torch::ones({4, 16});
  step.add_to = scratch_ / "concepts.safetensors";
  concepts.write(step.add_to);
  EXPECT_THAT(refusal(step), testing::AllOf(HasSubstr("--add-to"), HasSubstr("--spatial")));
  concepts.metadata["base"] = "of another base";
  concepts.write(step.add_to);
  EXPECT_THAT(refusal(step), testing::AllOf(HasSubstr("--add-to"), HasSubstr("--model")));
  step = quick(anomaly::Preset::paper());
  step.preset.set("time_grid=uniform");
  step.preset.set("mask_sampler_steps=3");
  EXPECT_THAT(refusal(step), HasSubstr("--set mask_sampler_steps=3"));
}

TEST_F(ConceptStepsTest, AStableDiffusionBaseLearnsAndPaints) {
  auto config = ldm::tiny_latent(ldm::BaseFamily::kSd1Clip);
  config.unet.channel_mult = {1};
  config.unet.attention_resolutions = {4};
  ldm::LatentDiffusion::create(config, 3).save(scratch_ / "base", torch::kFloat32, {});
  const auto place = workspace("bolt", "run");
  auto step = quick();
  step.preset.set("steps=1");
  step.pairs = 1;
  make_pairs(place, step, observer_);
  EXPECT_TRUE(fs::exists(place.step("pairs") / "bend/0001.image.png"));
  step.preset.set("caption=random");
  EXPECT_THAT(error_of([&] { paint_step(place, step, observer_); }),
              testing::AllOf(HasSubstr("--vocab"), HasSubstr("caption=fixed")));
  write_clip_vocabulary(place.model, 5);
  EXPECT_THAT(error_of([&] { paint_step(place, step, observer_); }),
              testing::AllOf(HasSubstr("\"*\" as token 265"), HasSubstr("CLIP ViT-L/14")));
  write_clip_vocabulary(place.model, 0);
  for (const char* each : {"mask_source=learned", "keep_empty_masks=yes"}) step.preset.set(each);
  make_pairs(workspace("bolt", "random"), step, observer_);
  EXPECT_TRUE(fs::exists(scratch_ / "random/pairs/bend/0001.image.png"));
  // A grid that painting could not use is told before the learning.
  step.preset.set("caption=fixed");
  step.preset.set("mask_source=varied");
  step.preset.set("sampler=ddim");
  step.preset.set("time_grid=uniform");
  step.preset.set("sampler_steps=3");
  EXPECT_THAT(error_of([&] { learn_concepts_step({workspace("nut", "run")}, step, observer_); }),
              HasSubstr("--set sampler_steps=3"));
}

TEST_F(ConceptStepsTest, StatisticsAreTakenOverThePresetsBatchHoweverManyArePaintedTogether) {
  const auto place = workspace("bolt", "run");
  auto step = quick(anomaly::Preset::reference());
  step.preset.set("mask_source=varied");
  step.pairs = 5;
  make_pairs(place, step, observer_);
  const auto pictures = [&] {
    std::string all;
    for (const char* file : {"0001", "0002", "0003", "0004", "0005"})
      all += read_file(place.step("pairs") / ("bend/" + std::string(file) + ".image.jpg"));
    return all;
  };
  const auto one_by_one = pictures();
  step.rows_at_once = 3;
  paint_step(place, step, observer_);
  EXPECT_TRUE(pictures() == one_by_one);
  // One pair is missing: its batch is looked at as a whole all the same.
  auto record = read_run(place.step("pairs"));
  record["state"] = "running";
  write_json(place.step("pairs") / "run.json", record);
  for (const char* file : {"0002.json", "0002.image.jpg"}) fs::remove(place.step("pairs") / "bend" / file);
  paint_step(place, step, observer_);
  EXPECT_TRUE(pictures() == one_by_one);
  step.preset.set("spatial_batch=1");
  paint_step(place, step, observer_);
  EXPECT_FALSE(pictures() == one_by_one);
}

TEST_F(ConceptStepsTest, MasksThatWereNotLearnedAreRefusedAndThoseThereStay) {
  const auto place = workspace("bolt", "run");
  make_pairs(place, quick(), observer_);
  const auto before = tree(place.out);
  auto step = quick();
  step.preset.set("mask_source=learned");
  EXPECT_THAT(error_of([&] { make_masks(place, {}, step, observer_); }),
              testing::AllOf(HasSubstr("'bend'"), HasSubstr("kizu learn"), HasSubstr("mask_source=varied")));
  EXPECT_TRUE(tree(place.out) == before);  // not EXPECT_EQ: it would print every byte
}

TEST_F(ConceptStepsTest, ARefusalForMemoryLeavesFinishedResultsAsTheyWere) {
  if (available_memory() == 0) GTEST_SKIP() << "this system does not say how much memory is free";
  auto place = workspace("bolt", "run");
  auto step = quick(anomaly::Preset::paper());
  make_pairs(place, step, observer_);
  const auto before = tree(place.out);
  place.workers = 1024;
  EXPECT_NO_THROW(paint_step(place, step, observer_));  // it is complete and needs none
  step.rows_at_once = 64;
  EXPECT_THAT(error_of([&] { paint_step(place, step, observer_); }), HasSubstr("of memory"));
  EXPECT_TRUE(tree(place.out) == before);
  step.preset.set("mask_sampler_steps=4");
  EXPECT_THAT(error_of([&] { make_masks(place, {}, step, observer_); }), HasSubstr("of memory"));
  EXPECT_TRUE(tree(place.out) == before);
  step.preset.set("steps=4");
  EXPECT_THAT(error_of([&] { learn_concepts_step({place}, step, observer_); }), HasSubstr("of memory"));
  EXPECT_TRUE(tree(place.out) == before);
}

TEST_F(ConceptStepsTest, WhatTheDeviceCannotDoIsToldByName) {
  auto step = quick();
  step.load.dtype = torch::kBFloat16;
  EXPECT_THAT(error_of([&] { step.check(); }), HasSubstr("--bf16"));
  step = quick();
  step.rows_at_once = 0;
  EXPECT_THAT(error_of([&] { step.check(); }), HasSubstr("--rows"));
}

}  // namespace
}  // namespace kizu::pipeline
