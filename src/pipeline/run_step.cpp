#include "core/error.h"
#include "core/run_folder.h"
#include "ldm/compact_model.h"
#include "pipeline/good_photos.h"
#include "pipeline/known_concepts.h"
#include "pipeline/steps.h"
#include "report/report.h"

namespace kizu::pipeline {

void make_masks(const Workspace& workspace, const MaskStep& varied, const ConceptStep& step,
                Observer& observer) {
  if (step.preset.learned_masks) return concept_mask_step(workspace, step, observer);
  auto masks = varied;
  masks.pairs = step.pairs_per_type();
  mask_step(workspace, masks, observer);
}

std::string before_mix(bool aligned) {
  return aligned ? "good:0.4,shots:0.6" : "good:0.4,shots:0.2,crop_paste:0.4";
}

std::string after_mix(bool aligned) {
  if (aligned) return "good:0.4,pairs:0.4,shots:0.2";
  return "good:0.4,shots:0.1,crop_paste:0.2,pairs:0.3/" + before_mix(false);
}

void RunStep::check() const {
  split.check();
  learn.options.check();
  masks.check();
  generate.check();
  train.check();
  concepts.check();
  for (const auto& mix : {before, after, perlin})
    if (!mix.empty()) inspection::Curriculum::parse(mix);
}

namespace {

void make_compact(const Workspace& workspace, const RunStep& step, Observer& observer) {
  learn_step(workspace, step.learn, observer);
  mask_step(workspace, step.masks, observer);
  generate_step(workspace, step.generate, observer);
}

void make_with_concepts(const Workspace& workspace, const RunStep& step, Observer& observer) {
  if (!workspace.joint) learn_concepts_step({workspace}, step.concepts, observer);
  make_masks(workspace, step.masks, step.concepts, observer);
  paint_step(workspace, step.concepts, observer);
}

}  // namespace

void run_step(const Workspace& workspace, const RunStep& step, Observer& observer) {
  step.check();
  const bool has_text = workspace.has_text_encoder();
  // What cannot work is told before anything is written.
  if (has_text)
    check_to_begin({workspace}, step.split.types, step.concepts);
  else
    ldm::CompactModel::load(workspace.model);
  hash_of_model(workspace.model);
  workspace.save();
  split_step(workspace, step.split, observer);
  has_text ? make_with_concepts(workspace, step, observer) : make_compact(workspace, step, observer);
  const bool aligned = has_aligned_photos(workspace, workspace.split());
  const auto before = step.before.empty() ? before_mix(aligned) : step.before;
  const auto after = step.after.empty() ? after_mix(aligned) : step.after;
  for (const auto& [name, mix] : {std::pair{"before", before}, {"after", after}, {"perlin", step.perlin}}) {
    TrainStep train{name, step.train};
    train.options.mix = inspection::Curriculum::parse(mix);
    train_step(workspace, train, observer);
    evaluate_step(workspace, {name, step.protocol}, observer);
  }
  report::write_report(workspace.out);
}

}  // namespace kizu::pipeline
