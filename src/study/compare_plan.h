#pragma once
#include <functional>
#include <string>
#include <vector>

#include "dataset/examine.h"
#include "study/compare.h"

namespace kizu::study {

/// A localizer of a comparison: the run folder that holds it, and what it is called there.
struct CompareTraining {
  pipeline::Workspace workspace;
  std::string name;  // localizer-<name>, evaluation-<name>
  CompareArm arm;
  int64_t pairs = 0;  // TrainStep::pairs
};

/// One piece of work of a comparison.
struct CompareJob {
  std::string what;              // "magnetic_tile, seed 2: pairs+shots"
  double seconds = 0;            // estimated
  std::filesystem::path folder;  // complete when this run folder is
  std::filesystem::path result;  // metrics.json of a training; empty for others
  std::function<void(Observer&)> work;
};

/// OUT/<category>/seed-<n>: the run folder of the category's i-th seed.
pipeline::Workspace seed_workspace(const CompareCategory& category, int i);
/// The same for a point of the shots curve, and for the pairs curve (all its points share one folder).
pipeline::Workspace shots_workspace(const CompareCategory& category, int64_t shots, int i);
pipeline::Workspace pairs_workspace(const CompareCategory& category, int i);

CompareTraining training_of(const CompareCategory& category, const CompareArm& arm, int i);
CompareTraining shots_training(const CompareCategory& category, const CompareArm& arm, int64_t shots, int i);
CompareTraining pairs_training(const CompareCategory& category, const CompareArm& arm, int64_t pairs, int i);

/// The arms of `curve_arms` that are compared; `with_pairs`: only those that use pairs.
std::vector<CompareArm> arms_of_curve(const CompareStep& step, bool with_pairs);

/// All work in its order: seed by seed, category by category, so that the first seeds are complete early.
std::vector<CompareJob> plan(const std::vector<CompareCategory>& categories,
                             const std::vector<dataset::Examination>& examinations, const CompareStep& step);

}  // namespace kizu::study
