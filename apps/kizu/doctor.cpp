#include <iostream>

#include "core/error.h"
#include "core/json.h"
#include "dataset/estimate.h"
#include "dataset/examine.h"
#include "verbs.h"

namespace kizu {

void add_doctor(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("doctor", "List every fault of a folder of photos, and what a run would take");
  verb->footer(
      "Examples:\n"
      "  kizu doctor photos\n"
      "  kizu doctor photos --category screw --json\n"
      "Exit code 2 when a fault would stop a run.");
  struct Chosen {
    std::string data, category;
    dataset::SplitOptions split;
    bool json = false;
  };
  const auto chosen = std::make_shared<Chosen>();
  verb->add_option("DIR", chosen->data, "Folder with the photos: one category, or a folder of categories")
      ->required();
  verb->add_option("--category", chosen->category, "Only this category (default: all)");
  verb->add_option("--shots", chosen->split.shots, "Photos of each type to learn from; 0 = the first third")
      ->capture_default_str();
  verb->add_flag("--json", chosen->json, "Print JSON");
  verb->callback([chosen, &program] {
    const auto root = std::filesystem::u8path(chosen->data);
    auto names = dataset::category_names(root);
    if (!chosen->category.empty()) names = {chosen->category};
    bool stops = false;
    Json all = Json::array();
    for (const auto& name : names) {
      const auto examination = dataset::examine(dataset::scan(root, name), chosen->split, &program.observer);
      stops = stops || examination.stops();
      const auto estimate = dataset::describe(dataset::estimate(examination));
      if (chosen->json) {
        auto json = dataset::to_json(examination);
        json["estimate"] = estimate;
        all.push_back(json);
      } else {
        std::cout << dataset::describe(examination) << "A run would take " << estimate << ".\n";
      }
    }
    if (chosen->json) std::cout << to_text(all);
    if (stops) throw Error(chosen->data + ": the faults above would stop a run");
  });
}

}  // namespace kizu
