#include "core/error.h"
#include "dataset/estimate.h"
#include "options.h"
#include "report/report.h"
#include "report/verdict.h"
#include "verbs.h"

namespace kizu {
namespace {

struct Chosen {
  NewRun run;
  pipeline::RunStep step;
};

// Everything is checked, for all categories, before time is spent on the first.
std::vector<pipeline::Workspace> prepare(Chosen& chosen, Program& program) {
  chosen.step.generate.options.window = chosen.step.learn.options.window;
  chosen.step.check();
  const auto out = std::filesystem::absolute(std::filesystem::u8path(chosen.run.out));
  auto names = dataset::category_names(std::filesystem::u8path(chosen.run.data));
  if (!chosen.run.category.empty()) names = {chosen.run.category};
  std::vector<pipeline::Workspace> all;
  bool stops = false;
  for (const auto& name : names) {
    all.push_back(chosen.run.workspace(
        name, names.size() == 1 ? out : out / std::filesystem::u8path(pipeline::file_name_of(name))));
    const auto examination = dataset::examine(dataset::scan(std::filesystem::u8path(chosen.run.data), name),
                                              chosen.step.split, &program.observer);
    if (!examination.faults.empty()) program.observer.said(dataset::describe(examination));
    stops = stops || examination.stops();
    dataset::RunSize size;
    size.learn_steps = static_cast<int>(chosen.step.learn.options.steps_per_type);
    size.pairs = static_cast<int>(chosen.step.masks.pairs);
    size.adapt_minutes = chosen.step.learn.adapt_minutes;
    if (chosen.step.train.steps > 0) {
      size.train_steps = static_cast<int>(chosen.step.train.steps);
      size.train_steps_per_type = 0;
    }
    program.observer.said(name + ": " + dataset::describe(dataset::estimate(examination, size)));
  }
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
      "The report is OUT/report.html. Stopped or killed, the same command goes on where it was; what is "
      "complete is\n"
      "skipped. Photos: MVTec AD layout, or good/ and one folder per defect type with masks beside or in "
      "masks/.");
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_split_options(*verb, chosen->step.split);
  add_learn_options(*verb, chosen->step.learn);
  add_mask_options(*verb, chosen->step.masks);
  add_generate_options(*verb, chosen->step.generate);
  add_train_options(*verb, chosen->step.train);
  add_mix_option(*verb, "--mix-before", chosen->step.before, "What the localizer learns from without kizu");
  add_mix_option(*verb, "--mix-after", chosen->step.after, "The same with generated pairs");
  add_protocol_option(*verb, chosen->step.protocol);
  verb->callback([chosen, &program] {
    std::vector<std::string> names;
    const auto all = prepare(*chosen, program);
    for (const auto& workspace : all) {
      pipeline::run_step(workspace, chosen->step, program.observer);
      names.push_back(workspace.out.filename().u8string());
      say_verdict(workspace.out, program);
      program.observer.said("report: " + (workspace.out / "report.html").u8string());
    }
    if (all.size() > 1) {
      const auto index = all[0].out.parent_path() / "report.html";
      report::write_index(index, names);
      program.observer.said("all categories: " + index.u8string());
    }
  });
}

}  // namespace kizu
