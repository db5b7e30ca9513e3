#include "concept_options.h"
#include "core/error.h"
#include "core/utf8.h"
#include "dataset/estimate.h"
#include "pipeline/concept_estimate.h"
#include "pipeline/good_photos.h"
#include "pipeline/known_concepts.h"
#include "report/report.h"
#include "report/verdict.h"
#include "verbs.h"

namespace kizu {
namespace {

struct RunOptions {
  NewRun run;
  pipeline::RunStep step;
  ConceptOptions concepts;
};

dataset::RunSize size_of(const pipeline::RunStep& step, bool has_text) {
  dataset::RunSize size;
  size.learn_steps = has_text ? 0 : static_cast<int>(step.learn.options.steps_per_type);
  size.pairs = has_text ? 0 : static_cast<int>(step.masks.pairs);
  size.adapt_minutes = step.learn.adapt_minutes;
  size.work_size = step.train.work_size;
  if (step.train.steps > 0) {
    size.train_steps = static_cast<int>(step.train.steps);
    size.train_steps_per_type = 0;
  }
  return size;
}

void say_estimate(const std::vector<pipeline::Workspace>& all, const pipeline::RunStep& step, int64_t types,
                  Program& program) {
  const auto& first = all.front();
  const auto concepts = step.concepts.on(first.model);
  const bool learns = pipeline::lacks_any(pipeline::known_concepts(concepts, first.model),
                                          pipeline::concept_names(all, step.split.types), concepts.preset);
  program.observer.said(pipeline::describe(
      pipeline::estimate(ldm::read_config(first.model), concepts, types, first.workers, learns)));
}

// Everything is checked, for all categories, before time is spent on the first.
std::vector<pipeline::Workspace> prepare(const CLI::App& verb, RunOptions& chosen, Program& program) {
  auto all = chosen.run.workspaces();
  chosen.concepts.refuse_foreign(verb, all.front());
  const bool has_text = all.front().has_text_encoder();
  if (has_text) {
    chosen.step.concepts = chosen.concepts.step(pairs_given(verb, chosen.step.masks.pairs));
    pipeline::set_joint(all);
    pipeline::check_to_begin(all, chosen.step.split.types, chosen.step.concepts);
  }
  chosen.step.generate.options.window = chosen.step.learn.options.window;
  chosen.step.check();
  bool stops = false;
  int64_t types = 0;
  for (const auto& product : all) {
    const auto examination =
        dataset::examine(dataset::scan(std::filesystem::u8path(chosen.run.data), product.category),
                         chosen.step.split, &program.observer);
    if (!examination.faults.empty()) program.observer.said(dataset::describe(examination));
    stops = stops || examination.stops();
    types += static_cast<int64_t>(examination.types.size());
    auto size = size_of(chosen.step, has_text);
    if (!examination.stops())
      size.step_pixels = static_cast<double>(pipeline::step_pixels(product, examination, chosen.step.train));
    program.observer.said(product.category + (has_text ? ", beside learning and painting: " : ": ") +
                          dataset::describe(dataset::estimate(examination, size)));
  }
  if (has_text) say_estimate(all, chosen.step, types, program);
  if (stops)
    throw Error(chosen.run.data +
                ": the photos have faults that stop a run (listed above); mend them and try again");
  return all;
}

// The finding first, be it good or bad; a run that did not help is done all the same.
void say_verdict(const std::filesystem::path& out, Program& program) {
  const auto verdict = report::judge(report::read_record(out));
  program.observer.said(verdict.headline);
  for (const auto& sentence : verdict.sentences) program.observer.said("  " + sentence);
  for (const auto& step : verdict.next) program.observer.said("  Next: " + step);
}

}  // namespace

void add_run(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("run", "The whole job: from a folder of photos to pairs, a localizer and a report");
  verb->footer(
      "Examples:\n"
      "  kizu run --data photos --out photos-run\n"
      "  kizu run --data photos --category screw --types scratch --pairs 100 --out screw-run\n"
      "  kizu run --data photos --model ldm --preset paper --set steps=20000 --out all-run\n"
      "The report is OUT/report.html. Stopped or killed, the same command goes on where it was; what is "
      "complete is\n"
      "skipped. Photos: MVTec AD layout, or good/ and one folder per defect type with masks beside or in "
      "masks/.");
  const auto chosen = std::make_shared<RunOptions>();
  chosen->run.add_to(*verb);
  add_split_options(*verb, chosen->step.split);
  add_learn_options(*verb, chosen->step.learn);
  add_mask_options(*verb, chosen->step.masks);
  add_generate_options(*verb, chosen->step.generate);
  add_train_options(*verb, chosen->step.train);
  add_mix_option(*verb, "--mix-before", chosen->step.before, "What the localizer learns from without kizu")
      ->default_str(default_mix(pipeline::before_mix));
  add_mix_option(*verb, "--mix-after", chosen->step.after,
                 "The same with generated pairs; mixes with '/' between follow one another")
      ->default_str(default_mix(pipeline::after_mix));
  add_protocol_option(*verb, chosen->step.protocol);
  chosen->concepts.add_to_verb(*verb);
  chosen->concepts.add_known_concepts(*verb);
  verb->callback([chosen, verb, &program] {
    std::vector<std::string> names;
    const auto all = prepare(*verb, *chosen, program);
    if (all.front().joint) {
      for (const auto& product : all) {
        product.save();
        pipeline::split_step(product, chosen->step.split, program.observer);
      }
      pipeline::learn_concepts_step(all, chosen->step.concepts, program.observer);
    }
    for (const auto& workspace : all) {
      pipeline::run_step(workspace, chosen->step, program.observer);
      names.push_back(utf8(workspace.out.filename()));
      say_verdict(workspace.out, program);
      program.observer.said("report: " + utf8(workspace.out / "report.html"));
    }
    if (all.size() > 1) {
      const auto index = all[0].out.parent_path() / "report.html";
      report::write_index(index, names);
      program.observer.said("all categories: " + utf8(index));
    }
  });
}

}  // namespace kizu
