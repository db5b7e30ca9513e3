#include "anomaly/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "anomaly/preset_text.h"
#include "core/error.h"

namespace kizu::anomaly {
namespace {

using testing::HasSubstr;

std::string documentation() {
  const auto file = std::filesystem::path(__FILE__).parent_path() / "../../docs/presets.md";
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Preset, is_documented_row_by_row) {
  EXPECT_THAT(documentation(), HasSubstr(presets_as_markdown()));
}

TEST(Preset, every_switch_has_a_name_of_its_own_a_meaning_and_a_source) {
  std::set<std::string> names;
  for (const auto& row : switches()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_GT(std::string(row.meaning).size(), 8u) << row.name;
    EXPECT_GT(row.stages, 0) << row.name;
    EXPECT_GT(std::string(row.source).size(), 8u) << row.name;
  }
}

TEST(Preset, the_reference_has_the_published_faults) {
  const auto p = Preset::reference();
  EXPECT_TRUE(p.one_shot_too_many && p.spatial_training_mode && p.jpeg_masks && !p.final_blend);
  EXPECT_EQ(p.reweighting, ReweightMode::kReference);
  EXPECT_EQ(p.mask_resize, MaskResize::kReference);
  EXPECT_DOUBLE_EQ(p.effective_learning_rate(), 0.02);
  const auto config = p.spatial_encoder(1280);
  EXPECT_EQ(config.channels[3], 512);
  EXPECT_EQ(config.tokens, 4);
}

TEST(Preset, builders_pass_the_switches_on) {
  auto p = Preset::paper();
  EXPECT_TRUE(p.painting().paper_map.softmax);
  EXPECT_EQ(p.painting().reweighted_tokens, ReweightedTokens::kAll);
  EXPECT_EQ(p.painting().sampler.solver, diffusion::Solver::kDdim);
  EXPECT_EQ(p.painting().sampler.steps, 200);
  EXPECT_EQ(p.painting().sampler.spacing, diffusion::Spacing::kReference);
  EXPECT_FALSE(p.inversion().loss.per_area);
  EXPECT_EQ(p.mask_sampling().sampler.steps, 100);
  p = Preset::improved();
  EXPECT_TRUE(p.painting().final_blend && p.painting().posterior_mode);
  EXPECT_EQ(p.inversion().mask_resize, MaskResize::kCoverage);
  EXPECT_FALSE(p.mask_filter().keep_empty);
  EXPECT_EQ(p.painting().sampler.spacing, diffusion::Spacing::kLogSnr);
  EXPECT_EQ(p.mask_sampling().sampler.solver, diffusion::Solver::kDdim);
  EXPECT_EQ(p.mask_sampling().sampler.spacing, diffusion::Spacing::kTrailing);
}

TEST(Preset, a_comparison_shows_only_what_differs) {
  const auto text = describe({Preset::reference(), Preset::improved()}, true);
  EXPECT_THAT(text, HasSubstr("jpeg_masks"));
  EXPECT_THAT(text, testing::Not(HasSubstr("spatial_tokens")));
}

TEST(Preset, every_switch_takes_what_it_shows) {
  for (const auto& from : {Preset::paper(), Preset::reference(), Preset::improved()}) {
    Preset copy;
    for (const auto& row : switches()) copy.set(std::string(row.name) + "=" + row.value(from));
    for (const auto& row : switches()) EXPECT_EQ(row.value(copy), row.value(from)) << row.name;
  }
}

std::string refused(const std::string& assignment) {
  Preset preset;
  try {
    preset.set(assignment);
  } catch (const Error& error) {
    EXPECT_EQ(preset.name, "improved");
    return error.what();
  }
  return "";
}

TEST(Preset, a_switch_that_cannot_be_set_says_what_can) {
  EXPECT_THAT(refused("eta=2"), HasSubstr("0 to 1"));
  EXPECT_THAT(refused("eta=nan"), HasSubstr("0 to 1"));
  EXPECT_THAT(refused("batch=4x"), HasSubstr("1 to 256"));
  EXPECT_THAT(refused("caption"), HasSubstr("fixed, random"));
  EXPECT_THAT(refused("captions=fixed"), HasSubstr("kizu presets"));
}

TEST(Preset, a_changed_preset_says_so) {
  auto preset = Preset::paper();
  preset.set("steps=12");
  EXPECT_EQ(preset.steps, 12);
  EXPECT_EQ(preset.name, "paper, steps=12");
}

TEST(Preset, an_unknown_name_is_an_error_with_the_known_ones) {
  try {
    Preset::named("best");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("paper, reference and improved"));
  }
}

}  // namespace
}  // namespace kizu::anomaly
