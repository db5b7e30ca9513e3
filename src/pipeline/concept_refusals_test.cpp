#include "core/memory.h"
#include "pipeline/concept_fixture.h"

namespace kizu::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using ConceptRefusalsTest = ConceptStepsTest;

TEST_F(ConceptRefusalsTest, ConceptsOfAnotherBaseAreRefused) {
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

TEST_F(ConceptRefusalsTest, WhatCannotWorkIsToldBeforeAnythingIsWritten) {
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

TEST_F(ConceptRefusalsTest, MasksThatWereNotLearnedAreRefusedAndThoseThereStay) {
  const auto place = workspace("bolt", "run");
  make_pairs(place, quick(), observer_);
  const auto before = tree(place.out);
  auto step = quick();
  step.preset.set("mask_source=learned");
  EXPECT_THAT(error_of([&] { make_masks(place, {}, step, observer_); }),
              testing::AllOf(HasSubstr("'bend'"), HasSubstr("kizu learn"), HasSubstr("mask_source=varied")));
  EXPECT_TRUE(tree(place.out) == before);  // not EXPECT_EQ: it would print every byte
}

TEST_F(ConceptRefusalsTest, ARefusalForMemoryLeavesFinishedResultsAsTheyWere) {
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

TEST_F(ConceptRefusalsTest, WhatTheDeviceCannotDoIsToldByName) {
  auto step = quick();
  step.load.dtype = torch::kBFloat16;
  EXPECT_THAT(error_of([&] { step.check(); }), HasSubstr("--bf16"));
  step = quick();
  step.rows_at_once = 0;
  EXPECT_THAT(error_of([&] { step.check(); }), HasSubstr("--rows"));
}

}  // namespace
}  // namespace kizu::pipeline
