#include "core/run_folder.h"
#include "ldm/unicode.h"
#include "pipeline/concept_fixture.h"

namespace kizu::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

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

}  // namespace
}  // namespace kizu::pipeline
