#pragma once
#include <string>

#include "pipeline/concept_steps.h"

namespace kizu::pipeline {

/// What learning and painting on a base with a text encoder will take, in seconds and bytes.
struct ConceptEstimate {
  double learn = 0, masks = 0, paint = 0;  ///< masks: 0 where they are varied from the shots' own
  uint64_t memory = 0;
  bool learns = true;  ///< false: everything is known already
  bool timed = true;   ///< false on a GPU: none has been measured, and the times are 0
};

/// On a CPU: counts the multiply-adds and divides by what a product of matrices reaches on `workers` cores
/// here, which takes a second to measure; good to a factor of two. `types` of all products together; `learns`
/// as lacks_any (known_concepts.h) says.
ConceptEstimate estimate(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int64_t types,
                         int workers, bool learns = true);

/// "learning takes about 3 days, ..." with the switches that shorten it.
std::string describe(const ConceptEstimate& estimate);

}  // namespace kizu::pipeline
