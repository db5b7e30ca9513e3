#include "pipeline/concept_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/scratch_folder.h"
#include "pipeline/concept_estimate.h"

namespace kizu::pipeline {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr ldm::MemoryNeed kTooMuch = {uint64_t{1} << 50, 0};

/// With the small spatial encoder.
ConceptStep improved() {
  ConceptStep step;
  step.preset = anomaly::Preset::improved();
  return step;
}

/// The published base on a GPU in bfloat16. Nothing of it is asked, so that none is needed.
ConceptStep on_gpu(const anomaly::Preset& preset) {
  ConceptStep step;
  step.preset = preset;
  step.load.device = torch::Device(torch::kCUDA);
  step.load.dtype = torch::kBFloat16;
  return step;
}

std::string refusal(const ConceptStep& step, anomaly::Stage stage, int workers) {
  return message_of<Error>([&] { require_memory(kTooMuch, step, stage, workers); });
}

TEST(ConceptMemory, GrowsWithWhatIsHeldAtOnce) {
  const auto step = improved();
  const auto some = learning_memory({}, step, 1), more = learning_memory({}, step, 2);
  EXPECT_GT(some.weights, 5'900'000'000u);
  EXPECT_LT(some.total(), 12'000'000'000u);
  EXPECT_GT(more.working, some.working);
  EXPECT_GT(painting_memory({}, step, 1, 1000).working, painting_memory({}, step, 1, 10).working);
  auto kept = step;
  kept.load.kept = torch::kFloat16;
  EXPECT_LT(painting_memory({}, kept, 1, 1).total(), painting_memory({}, step, 1, 1).total() * 6 / 10);
  EXPECT_LT(learning_memory({}, kept, 2).total(), learning_memory({}, step, 2).total());
}

TEST(ConceptMemory, OfTheFullModelInBfloat16FitsGpusOf8And12Gigabytes) {
  for (const auto& preset :
       {anomaly::Preset::improved(), anomaly::Preset::paper(), anomaly::Preset::reference()}) {
    auto step = on_gpu(preset);
    ASSERT_EQ(step.preset.batch, 4);
    EXPECT_LE(painting_memory({}, step, 0, step.pairs_per_type()).total(), 8'000'000'000u) << preset.name;
    EXPECT_LE(mask_memory({}, step, 0).total(), 8'000'000'000u) << preset.name;
    for (const int64_t rows : {1, 4}) {
      step.rows_at_once = rows;
      EXPECT_LE(learning_memory({}, step, 0).total(), 12'000'000'000u) << preset.name << ", rows " << rows;
    }
  }
}

TEST(ConceptMemory, TheRefusalNamesOnlyWhatLowersItInThisWork) {
  auto step = improved();
  EXPECT_THAT(refusal(step, anomaly::kLearning, 2),
              AllOf(HasSubstr("learning on this base needs about"), HasSubstr("GB of memory"),
                    HasSubstr("--workers 1"), HasSubstr("--set batch="), HasSubstr("--dtype fp16"),
                    Not(HasSubstr("--rows")), Not(HasSubstr("spatial_encoder")), Not(HasSubstr("--pairs"))));
  step.rows_at_once = 8;
  EXPECT_THAT(refusal(step, anomaly::kPainting, 1),
              AllOf(HasSubstr("painting"), HasSubstr("--rows 1"), Not(HasSubstr("--workers")),
                    Not(HasSubstr("batch")), Not(HasSubstr("--pairs"))));
  EXPECT_THAT(refusal(step, anomaly::kMasking, 2),
              AllOf(HasSubstr("masks"), HasSubstr("--workers 1"), Not(HasSubstr("--rows"))));
  step.preset = anomaly::Preset::paper();
  EXPECT_THAT(refusal(step, anomaly::kLearning, 1), HasSubstr("--set spatial_encoder=small"));
  step.widen = true;
  EXPECT_THAT(refusal(step, anomaly::kMasking, 1), HasSubstr("--weights stored"));
  step.widen = false;
  step.load.kept = torch::kFloat16;
  EXPECT_THAT(refusal(step, anomaly::kMasking, 1), HasSubstr("close other programs"));
}

TEST(ConceptMemory, WhereAGpusMemoryEndsTheOptionsAreNamed) {
  auto step = on_gpu(anomaly::Preset::improved());
  step.rows_at_once = 4;
  const auto told = [&](const std::function<void()>& work) {
    return message_of<Error>([&] { on_device(step, anomaly::kPainting, work); });
  };
  const auto expected = AllOf(HasSubstr("--device cuda"), HasSubstr("painting"), HasSubstr("--rows 1"),
                              HasSubstr("--device cpu"), Not(HasSubstr("--bf16")));
  EXPECT_THAT(told([] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried"); }), expected);
  EXPECT_THAT(told([] { TORCH_CHECK(false, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"); }),
              expected);
  EXPECT_THROW(on_device(step, anomaly::kPainting, [] { TORCH_CHECK(false, "shapes differ"); }), c10::Error);
  step.load.dtype = torch::kFloat32;
  EXPECT_THAT(told([] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory"); }),
              HasSubstr("--bf16"));
}

TEST(ConceptEstimate, ClaimsNoTimeForAGpu) {
  const auto text = describe(estimate({}, on_gpu(anomaly::Preset::improved()), 2, 0));
  EXPECT_THAT(text, AllOf(HasSubstr("is not known"), HasSubstr("GB of its memory"), Not(HasSubstr("hours")),
                          Not(HasSubstr("minutes")), Not(HasSubstr("days"))));
}

}  // namespace
}  // namespace kizu::pipeline
