#include "study/compare.h"
#include "core/error.h"
#include "core/utf8.h"
#include "options.h"
#include "verbs.h"

namespace kizu {
namespace {

struct CompareOptions {
  NewRun run;
  std::vector<std::string> mixes;
  study::CompareStep step;
};

void add_compare_options(CLI::App& verb, CompareOptions& chosen) {
  auto& step = chosen.step;
  verb.add_option("--data", chosen.run.data,
                  "Folder with the photos: one category, or a folder of categories")
      ->required();
  verb.add_option("--category", chosen.run.categories, "Only these categories (default: all)");
  verb.add_option("--out", chosen.run.out, "Folder to create or to go on with")->required();
  verb.add_option("--model", chosen.run.model, "Folder of the base model")
      ->default_str("the one that comes with kizu");
  add_seed_option(verb, chosen.run.seed, "The first seed of everything that is drawn; the others count up");
  verb.add_option("--seeds", step.seeds, "Times that everything is learned, made and trained anew")
      ->capture_default_str();
  add_workers_option(verb, chosen.run.workers);
  verb.add_option("--mixes", chosen.mixes,
                  "What is compared: names of the usual mixes, or NAME=MIX (default: all usual ones)");
  verb.add_option("--shots-curve", step.shots_curve,
                  "Numbers of shots of each type to learn from, for instance 1,2,5,10")
      ->delimiter(',');
  verb.add_option("--pairs-curve", step.pairs_curve,
                  "Numbers of pairs of each type to train on, for instance 30,100,300,1000")
      ->delimiter(',');
  verb.add_option("--replicates", step.replicates, "Bootstrap replicates for the intervals")
      ->capture_default_str();
  verb.add_flag("--allow-small", step.allow_small,
                "Compare, with a warning, even where there are too few photos to say anything");
}

}  // namespace

void add_compare(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand(
      "compare", "Whether generated pairs help: every way of training, several seeds, with intervals");
  verb->footer(
      "Examples:\n"
      "  kizu compare --data photos --category screw --out screw-compare\n"
      "  kizu compare --data photos --seeds 3 --mixes crop-paste pairs mine=good:0.4,pairs:0.3,perlin:0.3 "
      "--out c\n"
      "  kizu compare --data photos --shots-curve 1,2,5,10 --pairs-curve 30,100,300 --out curves\n"
      "The usual mixes: perlin, crop-paste, crop-paste-poisson, shots, shots+crop-paste, pairs, "
      "pairs+shots,\n"
      "pairs+shots+crop-paste (with pairs in the first half of the steps alone). Each trains the same "
      "localizer with\n"
      "the same steps on the same good photos and is measured on the same test photos. Writes "
      "OUT/compare.json and\n"
      "OUT/compare.html; stopped or killed, the same command goes on. With fewer than 5 test photos of a "
      "type, or 5\n"
      "good ones, it refuses (exit code 2).");
  const auto chosen = std::make_shared<CompareOptions>();
  add_compare_options(*verb, *chosen);
  add_split_options(*verb, chosen->step.split);
  add_learn_options(*verb, chosen->step.learn);
  add_mask_options(*verb, chosen->step.masks);
  add_generate_options(*verb, chosen->step.generate);
  add_train_options(*verb, chosen->step.train);
  verb->callback([chosen, &program] {
    auto& step = chosen->step;
    step.generate.options.window = step.learn.options.window;
    if (!chosen->mixes.empty()) step.arms.clear();
    for (const auto& mix : chosen->mixes) step.arms.push_back(study::parse_arm(mix));
    const auto out = std::filesystem::absolute(std::filesystem::u8path(chosen->run.out)).lexically_normal();
    study::compare_step(out, chosen->run.workspaces_in(out), step, program.observer);
    program.observer.said("report: " + utf8(out / "compare.html"));
  });
}

}  // namespace kizu
