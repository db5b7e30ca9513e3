#include "study/benchmark.h"

#include "concept_options.h"
#include "core/utf8.h"
#include "verbs.h"

namespace kizu {
namespace {

struct BenchmarkOptions {
  NewRun run;
  std::string resnet;
  std::vector<std::string> features, lpips;
  bool reference = false;
  study::BenchmarkStep step;
  ConceptOptions concepts;

  BenchmarkOptions() {
    step.masks.pairs = 500;  // the published loaders take no more
    step.classify.options.side = 128;
    step.classify.options.steps = 600;
  }
};

void add_mvtec_options(CLI::App& verb, BenchmarkOptions& chosen) {
  verb.add_option("--data", chosen.run.data, "Folder of categories in the MVTec AD layout")->required();
  verb.add_option("--categories", chosen.run.categories, "Only these categories (default: all)");
  verb.add_option("--out", chosen.run.out, "Folder to create or to go on with")->required();
  verb.add_option("--model", chosen.run.model, "Folder of the base model")
      ->default_str("the one that comes with kizu");
  add_seed_option(verb, chosen.run.seed, "Seed of everything that is drawn");
  add_workers_option(verb, chosen.run.workers);
  verb.add_option("--features", chosen.features,
                  "Networks for Inception score, IC-LPIPS and Frechet distances: files, or folders of files");
  verb.add_option("--lpips", chosen.lpips, "Weights of LPIPS v0.1 for these networks");
  verb.add_option("--resnet", chosen.resnet,
                  "torchvision's ResNet-34, to begin the classification with (default: random weights)");
  verb.add_option("--classify-steps", chosen.step.classify.options.steps,
                  "Training steps of the classifier; 0 = 150 looks at every pair, as published")
      ->capture_default_str();
  verb.add_option("--classify-side", chosen.step.classify.options.side, "Side of its pictures in pixels")
      ->capture_default_str();
  verb.add_flag("--reference", chosen.reference,
                "Localizer, budgets and evaluation of the published code (days on a CPU)");
  add_learn_options(verb, chosen.step.learn);
  add_mask_options(verb, chosen.step.masks);
  add_generate_options(verb, chosen.step.generate);
  add_train_options(verb, chosen.step.train);
  add_protocol_option(verb, chosen.step.protocol);
  chosen.concepts.add_to_verb(verb);
}

}  // namespace

void add_benchmark(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("benchmark", "Carry out a published protocol and set the figures beside it");
  verb->footer(
      "Example:\n"
      "  kizu benchmark mvtec --data mvtec_anomaly_detection --out mvtec\n"
      "kizu benchmark mvtec --help lists its options.");
  verb->require_subcommand(1);
  auto* mvtec =
      verb->add_subcommand("mvtec", "The protocol of AnomalyDiffusion on MVTec AD, or on photos like it");
  mvtec->footer(
      "Examples:\n"
      "  kizu benchmark mvtec --data mvtec_anomaly_detection --out mvtec\n"
      "  kizu benchmark mvtec --data mvtec_anomaly_detection --categories bottle cable --pairs 60 --out two\n"
      "  kizu benchmark mvtec --data mvtec_anomaly_detection --features networks --lpips vgg.pth --resnet "
      "resnet34.pth --out all\n"
      "For each category: the first third of the defects as shots, pairs, a localizer and a classifier from "
      "pairs\n"
      "and good photos alone, measures on the other two thirds. Writes OUT/<category>, a run folder each, "
      "and\n"
      "benchmark.json, .txt and .html with the means over all categories and in the published form. Stopped "
      "or\n"
      "killed, the same command goes on where it was.");
  const auto chosen = std::make_shared<BenchmarkOptions>();
  add_mvtec_options(*mvtec, *chosen);
  mvtec->callback([chosen, mvtec, &program] {
    auto& step = chosen->step;
    step.generate.options.window = step.learn.options.window;
    step.quality.features = paths_of(chosen->features);
    step.quality.lpips = paths_of(chosen->lpips);
    step.classify.options.resnet = std::filesystem::u8path(chosen->resnet);
    if (chosen->reference) step.follow_reference();
    const auto out = std::filesystem::absolute(std::filesystem::u8path(chosen->run.out)).lexically_normal();
    auto categories = chosen->run.workspaces_in(out);
    chosen->concepts.refuse_foreign(*mvtec, categories.front());
    if (categories.front().has_text_encoder()) {
      step.concepts = chosen->concepts.step(pairs_given(*mvtec, step.masks.pairs));
      pipeline::set_joint(categories);
    }
    study::benchmark_step(out, categories, step, program.observer);
    program.observer.said("page: " + utf8(out / "benchmark.html"));
  });
}

}  // namespace kizu
