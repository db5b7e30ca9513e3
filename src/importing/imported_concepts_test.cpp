// From the files that came with the published code to pairs and figures, without learning anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/input_file.h"
#include "core/json.h"
#include "core/run_folder.h"
#include "core/scratch_folder.h"
#include "image/codec.h"
#include "importing/import_fixture.h"
#include "importing/import_learned.h"
#include "inspection/localizer_file.h"
#include "pipeline/concept_estimate.h"
#include "pipeline/steps.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Eight good photos and four with a bright dent.
void write_nuts(const fs::path& folder) {
  Mask mask = Mask::blank(80, 80);
  for (int y = 30; y < 46; y++)
    for (int x = 24; x < 52; x++) mask.at(x, y) = 1;
  for (int i = 0; i < 12; i++) {
    Image image = Image::blank(80, 80, 3);
    NoiseStream grain(mix(5, "nut", i));
    for (auto& value : image.values) value = static_cast<std::uint16_t>(90 + grain.below(40));
    const auto type = folder / (i < 8 ? "good" : "dent");
    fs::create_directories(type);
    if (i >= 8) write_png(type / (pipeline::number_text(i) + "_mask.png"), mask);
    write_png(type / (pipeline::number_text(i) + ".png"), image);
  }
}

class ReleasedFiles : public testing::Test {
 protected:
  ReleasedFiles() {
    write_nuts(scratch_ / "photos/nut");
    auto config = ldm::tiny_latent(ldm::BaseFamily::kLdmBert);
    config.unet.channel_mult = {1};
    config.unet.attention_resolutions = {1};
    ldm::LatentDiffusion::create(config, 3).save(scratch_ / "base", torch::kFloat32, {});
    anomaly::GradualStyleEncoder encoder(
        anomaly::SpatialEncoderConfig{2, 16, 8, 64, {4, 6, 8, 10}, {1, 2, 1, 1}});
    encoder->draw_weights(3);
    write_checkpoint(scratch_ / "spatial_encoder.pt", state_of(*encoder));
    write_checkpoint(scratch_ / "embeddings.pt", {{"string_to_param.nut+dent", torch::full({4, 16}, 0.1)},
                                                  {"string_to_param.wood+hole", torch::full({4, 16}, 0.2)}});
    const auto net = inspection::make_localizer({"draem", 8}, 4);
    write_checkpoint(scratch_ / "nut.pckl", state_of(*net));
    place_.data = scratch_ / "photos/nut";
    place_.category = "nut";
    place_.model = scratch_ / "base";
    place_.out = scratch_ / "run";
    place_.workers = 2;
  }

  /// The published preset with the shots' own masks, on what was imported.
  pipeline::ConceptStep published() const {
    pipeline::ConceptStep step;
    step.preset = anomaly::Preset::reference();
    for (const char* each : {"mask_source=varied", "sampler_steps=2"}) step.preset.set(each);
    step.pairs = 2;
    step.add_to = scratch_ / "imported/concepts.safetensors";
    return step;
  }

  ScratchFolder scratch_;
  pipeline::Workspace place_;
  Listener listener_;
};

TEST_F(ReleasedFiles, PaintAndAreEvaluatedAtOnce) {
  ConceptImport with_encoder;
  with_encoder.spatial = scratch_ / "spatial_encoder.pt";
  import_concepts(scratch_ / "embeddings.pt", scratch_ / "imported/concepts.safetensors", with_encoder,
                  listener_);
  import_localizer(scratch_ / "nut.pckl", scratch_ / "localizers/nut.safetensors", listener_);
  const auto step = published();
  place_.save();
  split_step(place_, {}, listener_);
  auto many = place_;
  many.workers = 1 << 20;  // learning would need more memory than there is
  learn_concepts_step({many}, step, listener_);
  EXPECT_THAT(listener_.text, HasSubstr("knows every defect type already"));
  make_masks(place_, {}, step, listener_);
  paint_step(place_, step, listener_);
  EXPECT_EQ(read_image(place_.step("pairs") / "dent/0002.image.jpg").width, 64);
  pipeline::EvaluateStep evaluate;
  evaluate.name = "published";
  evaluate.protocol = pipeline::Protocol::kReference;
  evaluate.localizer = scratch_ / "localizers/nut.safetensors";
  evaluate_step(place_, evaluate, listener_);
  EXPECT_TRUE(
      read_json(place_.step("evaluation-published") / "metrics.json")["overall"]["au_pro"].is_number());
  EXPECT_EQ(read_run(place_.step("evaluation-published"))["options"]["views"], "one");
  EXPECT_FALSE(fs::exists(place_.step("localizer-published")));
}

TEST_F(ReleasedFiles, AWrongLocalizerIsRefusedByTheNameOfItsOption) {
  place_.save();
  split_step(place_, {}, listener_);
  for (const char* wrong : {"absent.safetensors", "base/unet.safetensors", "nut.pckl"}) {
    pipeline::EvaluateStep evaluate;
    evaluate.localizer = scratch_ / wrong;
    EXPECT_THAT(message_of<Error>([&] { evaluate_step(place_, evaluate, listener_); }),
                testing::AllOf(HasSubstr("--localizer"), HasSubstr(wrong)));
    EXPECT_FALSE(fs::exists(place_.step("evaluation-after")));
  }
}

TEST_F(ReleasedFiles, LeaveNothingToEstimateForTheLearning) {
  auto step = published();
  step.rows_at_once = 1;
  const auto all = describe(estimate({}, step, 3, 1)), painting = describe(estimate({}, step, 3, 1, false));
  EXPECT_THAT(all, HasSubstr("learning takes about"));
  EXPECT_THAT(painting, testing::AllOf(HasSubstr("nothing is left to learn"), HasSubstr("painting")));
}

}  // namespace
}  // namespace kizu::importing
