#pragma once
#include <filesystem>
#include <vector>

#include "pipeline/classify_step.h"
#include "pipeline/steps.h"
#include "study/benchmark_figures.h"
#include "study/quality_step.h"

namespace kizu::study {

/// The published protocol on a folder of categories (method.md, 7): for each, the first third of the defects
/// are shots, the pairs are made from these, one localizer and one classifier learn from the pairs (and good
/// photos) alone, and all is measured on the other two thirds. Everything of a category lies in
/// OUT/<category>, a run folder like that of `kizu run`; complete steps are skipped.
struct BenchmarkStep {
  dataset::SplitOptions split;
  pipeline::LearnStep learn;
  pipeline::MaskStep masks;
  pipeline::GenerateStep generate;
  pipeline::ConceptStep
      concepts;  // instead of learn and generate, on a base with a text encoder: learned jointly
  inspection::TrainOptions train;  // its mix is good:0.5,pairs:0.5
  pipeline::ClassifyStep classify;
  QualityStep quality;
  pipeline::Protocol protocol = pipeline::Protocol::kImproved;

  /// Budgets, localizer and evaluation of the published code. Days on a CPU.
  void follow_reference();
  /// Throws Error naming the option.
  void check() const;
};

/// Carries it out, or goes on with it; writes OUT/benchmark.json, benchmark.txt and benchmark.html anew after
/// every category. Says beforehand how long it takes. Throws Error, before anything is written, for photos
/// that cannot be worked on.
void benchmark_step(const std::filesystem::path& out, const std::vector<pipeline::Workspace>& categories,
                    const BenchmarkStep& step, Observer& observer);

}  // namespace kizu::study
