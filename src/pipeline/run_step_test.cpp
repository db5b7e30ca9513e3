#include <gtest/gtest.h>

#include "core/run_folder.h"
#include "core/scratch_folder.h"
#include "pipeline/steps.h"

namespace kizu::pipeline {
namespace {

/// What has_aligned_photos says of a run whose masks step ended with these results.
bool aligned_after(const Json& results) {
  const ScratchFolder scratch;
  Workspace workspace;
  workspace.out = scratch / "run";
  RunFolder(workspace.step("masks"), "masks", Json::object(), Json::object()).finish(results);
  return has_aligned_photos(workspace);
}

TEST(MixByArrangement, HasNoCropPasteWherePhotosAreAligned) {
  using inspection::Mix, inspection::Source;
  for (const auto mix : {before_mix, after_mix}) {
    EXPECT_EQ(Mix::parse(mix(true)).weight(Source::kCropPaste), 0);
    EXPECT_GT(Mix::parse(mix(false)).weight(Source::kCropPaste), 0);
    for (const bool aligned : {true, false}) {
      EXPECT_EQ(Mix::parse(mix(aligned)).weight(Source::kPairs) > 0, mix == after_mix);
      EXPECT_EQ(Mix::parse(mix(aligned)).weight(Source::kGood), 0.4);
    }
  }
}

TEST(MixByArrangement, AsksTheMasksStepHowThePhotosLie) {
  EXPECT_TRUE(aligned_after({{"aligned", true}}));
  EXPECT_FALSE(aligned_after({{"aligned", false}}));
  EXPECT_FALSE(aligned_after({{"masks", 4}}));  // of an older program, or learned
  EXPECT_FALSE(aligned_after({{"aligned", "yes"}}));
  EXPECT_FALSE(aligned_after(Json::array()));
  EXPECT_FALSE(has_aligned_photos(Workspace()));
}

}  // namespace
}  // namespace kizu::pipeline
