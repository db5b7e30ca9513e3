#include "core/error.h"
#include "ldm/compact_model.h"
#include "pipeline/steps.h"
#include "report/report.h"

namespace kizu::pipeline {

void RunStep::check() const {
  split.check();
  learn.options.check();
  masks.check();
  generate.check();
  train.check();
  for (const auto& mix : {before, after, perlin}) inspection::Mix::parse(mix);
}

void run_step(const Workspace& workspace, const RunStep& step, Observer& observer) {
  step.check();
  hash_of_model(workspace.model);
  ldm::CompactModel::load(workspace.model);  // a missing or damaged base is told before anything is written
  workspace.save();
  split_step(workspace, step.split, observer);
  learn_step(workspace, step.learn, observer);
  mask_step(workspace, step.masks, observer);
  generate_step(workspace, step.generate, observer);
  for (const auto& [name, mix] :
       {std::pair{"before", step.before}, {"after", step.after}, {"perlin", step.perlin}}) {
    TrainStep train{name, step.train};
    train.options.mix = inspection::Mix::parse(mix);
    train_step(workspace, train, observer);
    evaluate_step(workspace, {name, step.protocol}, observer);
  }
  report::write_report(workspace.out);
}

}  // namespace kizu::pipeline
