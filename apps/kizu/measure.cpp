#include <iostream>

#include "core/utf8.h"
#include "options.h"
#include "study/measure_base.h"
#include "verbs.h"

namespace kizu {

void add_measure(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("measure", "Measure a base model on good photos it never saw");
  verb->footer(
      "Example:\n"
      "  kizu measure --data photos --category screw --sheet measured.png\n"
      "Prints JSON: PSNR of the autoencoder, and how well painted procedural defects keep to their masks "
      "(AUROC).");
  struct Chosen {
    std::string data, category, model, sheet;
    int64_t painted = 32;
    uint64_t seed = 1;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->model = utf8(default_model());
  verb->add_option("--data", chosen->data, "Folder with the photos")->required();
  verb->add_option("--category", chosen->category, "Category (default: the first)");
  verb->add_option("--model", chosen->model, "Folder of the base model")
      ->default_str("the one that comes with kizu");
  verb->add_option("--painted", chosen->painted, "Photos to paint on")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--sheet", chosen->sheet, "PNG file that shows them");
  add_seed_option(*verb, chosen->seed, "Seed of defects and noise");
  verb->callback([chosen, &program] {
    const auto data = std::filesystem::u8path(chosen->data);
    const auto name = chosen->category.empty() ? dataset::category_names(data).front() : chosen->category;
    std::cout << to_text(study::to_json(
        study::measure_base(std::filesystem::u8path(chosen->model), data, name, chosen->painted, chosen->seed,
                            std::filesystem::u8path(chosen->sheet), program.observer)));
  });
}

}  // namespace kizu
