#include "study/benchmark.h"

#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/utf8.h"
#include "dataset/estimate.h"
#include "dataset/examine.h"
#include "ldm/compact_model.h"
#include "pipeline/concept_estimate.h"
#include "pipeline/good_photos.h"
#include "pipeline/known_concepts.h"
#include "quality/instruments.h"
#include "report/benchmark_page.h"
#include "study/benchmark_table.h"
#include "study/claimed_folder.h"

namespace kizu::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLocalizer = "pairs";
constexpr double kClassifyStepSeconds = 1.6;  // of 256 px on one core; falls with the area
constexpr double kQualityPairSeconds = 0.1, kNetworkPairSeconds = 1.0;

/// What one category costs, with the classifier and the measures of the pictures; without learning and
/// painting where the base has a text encoder.
dataset::Estimate estimate_of(const pipeline::Workspace& category, const dataset::Examination& examination,
                              const BenchmarkStep& step) {
  const bool has_text = category.has_text_encoder();
  const int64_t pairs = has_text ? step.concepts.pairs_per_type() : step.masks.pairs;
  dataset::RunSize size;
  size.learn_steps = has_text ? 0 : static_cast<int>(step.learn.options.steps_per_type);
  size.pairs = has_text ? 0 : static_cast<int>(pairs);
  size.trainings = 1;
  size.adapt_minutes = step.learn.adapt_minutes;
  size.work_size = step.train.work_size;
  if (step.train.steps > 0) {
    size.train_steps = static_cast<int>(step.train.steps);
    size.train_steps_per_type = 0;
  }
  if (!examination.stops())
    size.step_pixels = static_cast<double>(pipeline::step_pixels(category, examination, step.train));
  auto all = dataset::estimate(examination, size);
  const auto types = static_cast<double>(examination.types.size());
  const auto& classify = step.classify.options;
  const auto pictures = static_cast<int64_t>(types) * std::min(step.classify.most, pairs);
  const auto steps = classify.steps > 0
                         ? classify.steps
                         : inspection::ClassifyOptions::published_steps(pictures, classify.batch);
  const double area = static_cast<double>(classify.side * classify.side) / (256.0 * 256.0);
  if (types > 1) all.seconds += static_cast<double>(steps) * kClassifyStepSeconds * area;
  const auto compared = static_cast<double>(std::min(step.quality.most, pairs));
  const auto networks = static_cast<double>(step.quality.features.size());
  all.seconds += types * compared * (kQualityPairSeconds + networks * kNetworkPairSeconds);
  return all;
}

/// Looks at all photos before time is spent on the first category.
void examine_all(const std::vector<pipeline::Workspace>& categories, const BenchmarkStep& step,
                 Observer& observer) {
  bool stops = false;
  double seconds = 0;
  int64_t types = 0;
  const bool has_text = categories[0].has_text_encoder();
  for (const auto& category : categories) {
    const auto found =
        dataset::examine(dataset::scan(category.data, category.category), step.split, &observer);
    if (!found.faults.empty()) observer.said(dataset::describe(found));
    stops = stops || found.stops();
    const auto needed = estimate_of(category, found, step);
    types += static_cast<int64_t>(found.types.size());
    seconds += needed.seconds;
    observer.said(category.category + (has_text ? ", beside learning and painting: " : ": ") +
                  dataset::describe(needed));
  }
  if (stops)
    throw Error("the photos have faults that stop a benchmark (listed above); mend them and try again");
  if (has_text)
    observer.said(describe(estimate(ldm::read_config(categories[0].model),
                                    step.concepts.on(categories[0].model), types, categories[0].workers)));
  observer.said("all categories: about " + dataset::time_in_words(seconds) +
                (has_text ? " beside learning and painting" : " on two cores") +
                ". It may be stopped at any time: the same command goes on from there.");
}

/// On a base with a text encoder one learning serves all categories.
void learn_jointly(const std::vector<pipeline::Workspace>& categories, const BenchmarkStep& step,
                   Observer& observer) {
  for (const auto& category : categories) {
    category.save();
    split_step(category, step.split, observer);
  }
  learn_concepts_step(categories, step.concepts, observer);
}

void make_pairs(const pipeline::Workspace& workspace, const BenchmarkStep& step, Observer& observer) {
  if (workspace.has_text_encoder()) {
    make_masks(workspace, step.masks, step.concepts, observer);
    paint_step(workspace, step.concepts, observer);
    return;
  }
  learn_step(workspace, step.learn, observer);
  mask_step(workspace, step.masks, observer);
  generate_step(workspace, step.generate, observer);
}

void carry_out(const pipeline::Workspace& workspace, const BenchmarkStep& step, Observer& observer) {
  workspace.save();
  split_step(workspace, step.split, observer);
  make_pairs(workspace, step, observer);
  pipeline::TrainStep train{kLocalizer, step.train};
  train.options.mix = inspection::Mix::parse("good:0.5,pairs:0.5");
  train_step(workspace, train, observer);
  evaluate_step(workspace, {kLocalizer, step.protocol}, observer);
  classify_step(workspace, step.classify, observer);
  quality_step(workspace, step.quality, observer);
}

/// Where the published numbers come from another network or budget than ours, a sentence each.
std::vector<std::string> remarks_on(const BenchmarkStep& step) {
  const auto instruments = quality::Instruments::open(step.quality.features, step.quality.lpips);
  auto remarks = instruments.missing;
  if (const auto* classifier = instruments.classifier())
    remarks.push_back("Inception score: by " + classifier->network->name() +
                      "; published by Inception v3. Not comparable.");
  if (instruments.distances.size() > 1)
    remarks.push_back("IC-LPIPS: " + instruments.distances.front().name + "; published on VGG16.");
  remarks.push_back(step.classify.options.resnet.empty()
                        ? "Classification: ResNet-34 from random weights; published from ImageNet weights "
                          "(--resnet), best epoch on the test photos."
                        : "Classification: ResNet-34 from " + utf8(step.classify.options.resnet.filename()) +
                              ", last weights; published: best epoch on the test photos.");
  remarks.push_back(
      "Localization: the last weights count, chosen by nothing; published: best epoch on the "
      "test photos, and pairs sorted out by hand.");
  if (step.protocol == pipeline::Protocol::kImproved)
    remarks.emplace_back(
        "Measured at the photos' own size with the true masks; published at 256 px with "
        "eroded masks (--protocol reference).");
  return remarks;
}

}  // namespace

void BenchmarkStep::follow_reference() {
  const auto workers = train.workers;
  train = inspection::TrainOptions::reference();
  train.workers = workers;
  classify.options.side = 256;
  classify.options.steps = 0;
  protocol = pipeline::Protocol::kReference;
}

void BenchmarkStep::check() const {
  split.check();
  learn.options.check();
  masks.check();
  generate.check();
  concepts.check();
  train.check();
  classify.options.check();
  quality.check();
}

void benchmark_step(const fs::path& out, const std::vector<pipeline::Workspace>& categories,
                    const BenchmarkStep& step, Observer& observer) {
  step.check();
  if (categories.empty()) throw Error("there is no category to work on");
  // What cannot be read is told before anything is written.
  const bool has_text = categories[0].has_text_encoder();
  if (has_text)
    check_to_begin(categories, step.split.types, step.concepts);
  else
    ldm::CompactModel::load(categories[0].model);
  pipeline::hash_of_model(categories[0].model);
  if (!step.classify.options.resnet.empty()) features::ResNet34(2).load_body(step.classify.options.resnet);
  const auto remarks = remarks_on(step);
  examine_all(categories, step, observer);
  claim_folder(out, "benchmark", categories[0].data.parent_path());
  if (has_text) learn_jointly(categories, step, observer);
  CategoryFigures figures;
  for (const auto& category : categories) {
    carry_out(category, step, observer);
    figures[category.category] = figures_of(category, kLocalizer);
    const auto table = benchmark_json(figures, static_cast<int64_t>(categories.size()), remarks);
    write_json(out / "benchmark.json", table);
    write_file(out / "benchmark.txt", benchmark_text(table));
    report::write_benchmark(out / "benchmark.html", table);
  }
  observer.said(benchmark_text(read_json(out / "benchmark.json")));
}

}  // namespace kizu::study
