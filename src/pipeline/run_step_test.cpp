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
  using inspection::Curriculum, inspection::Source;
  for (const auto mix : {before_mix, after_mix})
    for (const bool aligned : {true, false}) {
      const auto all = Curriculum::parse(mix(aligned));
      EXPECT_EQ(all.draws_from(Source::kCropPaste), !aligned);
      EXPECT_EQ(all.draws_from(Source::kPairs), mix == after_mix);
      for (const auto& part : all.parts) EXPECT_EQ(part.weight(Source::kGood), 0.4);
    }
}

TEST(MixByArrangement, EndsAsWithoutPairsWhereThereIsCropPaste) {
  const auto after = inspection::Curriculum::parse(after_mix(false));
  ASSERT_EQ(after.parts.size(), 2U);
  EXPECT_GT(after.parts[0].weight(inspection::Source::kPairs), 0);
  EXPECT_EQ(after.parts[1].text(), inspection::Mix::parse(before_mix(false)).text());
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
