#pragma once
#include <string>
#include <vector>

#include "pipeline/steps.h"

namespace kizu::study {

/// A way to train the localizer that is compared with others: a name and what it learns from.
struct CompareArm {
  std::string name;
  inspection::Curriculum mix;
  bool has_pairs() const { return mix.draws_from(inspection::Source::kPairs); }
};

/// perlin, crop-paste, crop-paste-poisson, shots, shots+crop-paste, pairs, pairs+shots,
/// pairs+shots+crop-paste: 40 % good photos in each. The last one has pairs in the first half of the steps
/// and ends as shots+crop-paste.
std::vector<CompareArm> default_arms();
/// The name of a default arm, or NAME=MIX. Throws Error with the choices.
CompareArm parse_arm(const std::string& text);

/// Whether, and how much, generated pairs help: every arm is trained with every seed, on the same split with
/// the same budget, and measured on the same test photos. Everything lies in OUT/<category>/seed-<n>, which
/// is a run folder like that of `kizu run`; compare.json and compare.html sum it up.
struct CompareStep {
  dataset::SplitOptions split;
  pipeline::LearnStep learn;
  pipeline::MaskStep masks;
  pipeline::GenerateStep generate;
  inspection::TrainOptions train;  // its mix is that of each arm
  std::vector<CompareArm> arms = default_arms();
  int seeds = 5;                     // workspace.seed, +1, +2, ...
  std::vector<int64_t> shots_curve;  // numbers of shots of each type, for the arms of curve_arms
  std::vector<int64_t> pairs_curve;  // numbers of pairs of each type
  std::vector<std::string> curve_arms = {"shots+crop-paste", "pairs", "pairs+shots+crop-paste"};
  int64_t replicates = 1000;  // of the bootstrap
  bool allow_small = false;   // numbers, with a warning, where there are too few photos for any
  void check() const;
};

/// Fewest photos that may be compared.
inline constexpr int kFewestDefects = 5, kFewestGood = 5;

/// One category: where its photos are, and OUT/<category>.
using CompareCategory = pipeline::Workspace;

/// What is too small to say anything, in sentences: a type with fewer than kFewestDefects test photos, fewer
/// than kFewestGood good ones.
std::vector<std::string> too_small(const dataset::Split& split);

/// Carries it out, or goes on with it. Throws Error for a set that is too small.
void compare_step(const std::filesystem::path& out, const std::vector<CompareCategory>& categories,
                  const CompareStep& step, Observer& observer);

}  // namespace kizu::study
