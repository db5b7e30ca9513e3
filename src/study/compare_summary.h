#pragma once
#include "core/json.h"
#include "study/compare.h"

namespace kizu::study {

/// Reads the evaluations of every category and seed and sums them up (docs/results.md says what is what): for
/// each category, each of its defect types, and the average of the categories: each arm's mean with deviation
/// and interval, the paired difference of every two arms, and a closing sentence; then the curves. Holds no
/// times: equal comparisons, equal bytes.
Json summarize(const std::vector<CompareCategory>& categories, const CompareStep& step, Observer& observer);

}  // namespace kizu::study
