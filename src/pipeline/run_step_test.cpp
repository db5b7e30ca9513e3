#include <gtest/gtest.h>

#include "pipeline/steps.h"

namespace kizu::pipeline {
namespace {

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

}  // namespace
}  // namespace kizu::pipeline
