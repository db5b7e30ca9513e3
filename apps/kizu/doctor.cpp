#include <iostream>
#include <optional>

#include "concept_options.h"
#include "core/error.h"
#include "core/json.h"
#include "dataset/estimate.h"
#include "dataset/examine.h"
#include "pipeline/concept_estimate.h"
#include "verbs.h"

namespace kizu {
namespace {

struct DoctorOptions {
  std::string data, category, model;
  dataset::SplitOptions split;
  ConceptOptions concepts;
  bool json = false;
};

/// The base's folder, if it has a text encoder; options that it does not take are refused.
std::optional<std::filesystem::path> text_base(const CLI::App& verb, const DoctorOptions& chosen) {
  pipeline::Workspace workspace;
  workspace.model = chosen.model.empty() ? default_model() : std::filesystem::u8path(chosen.model);
  if (workspace.model.empty()) return {};
  chosen.concepts.refuse_foreign(verb, workspace);
  if (!workspace.has_text_encoder()) return {};
  return workspace.model;
}

}  // namespace

void add_doctor(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("doctor", "List every fault of a folder of photos, and what a run would take");
  verb->footer(
      "Examples:\n"
      "  kizu doctor photos\n"
      "  kizu doctor photos --category screw --json\n"
      "  kizu doctor photos --model ldm --preset paper\n"
      "Exit code 2 when a fault would stop a run.");
  const auto chosen = std::make_shared<DoctorOptions>();
  verb->add_option("DIR", chosen->data, "Folder with the photos: one category, or a folder of categories")
      ->required();
  verb->add_option("--category", chosen->category, "Only this category (default: all)");
  verb->add_option("--shots", chosen->split.shots, "Photos of each type to learn from; 0 = the first third")
      ->capture_default_str();
  verb->add_flag("--json", chosen->json, "Print JSON");
  verb->add_option("--model", chosen->model, "Folder of the base model that a run would take")
      ->default_str("the one that comes with kizu");
  chosen->concepts.add_to_verb(*verb);
  verb->callback([chosen, verb, &program] {
    const auto root = std::filesystem::u8path(chosen->data);
    auto names = dataset::category_names(root);
    if (!chosen->category.empty()) names = {chosen->category};
    const auto base = text_base(*verb, *chosen);
    dataset::RunSize size;
    if (base) size.learn_steps = size.pairs = 0;
    bool stops = false;
    int64_t types = 0;
    Json all = Json::array();
    for (const auto& name : names) {
      const auto examination = dataset::examine(dataset::scan(root, name), chosen->split, &program.observer);
      stops = stops || examination.stops();
      types += static_cast<int64_t>(examination.types.size());
      const auto estimate = dataset::describe(dataset::estimate(examination, size));
      if (chosen->json) {
        auto json = dataset::to_json(examination);
        json["estimate"] = estimate;
        all.push_back(json);
      } else {
        std::cout << dataset::describe(examination) << (base ? "Beside learning and painting, a" : "A")
                  << " run would take " << estimate << ".\n";
      }
    }
    if (chosen->json) std::cout << to_text(all);
    if (base)
      program.observer.said(pipeline::describe(
          pipeline::estimate(ldm::read_config(*base), chosen->concepts.step().on(*base), types, 0)));
    if (stops) throw Error(chosen->data + ": the faults above would stop a run");
  });
}

}  // namespace kizu
