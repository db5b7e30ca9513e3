#include <iostream>

#include "anomaly/preset_text.h"
#include "verbs.h"

namespace kizu {

void add_presets(CLI::App& app, Program&) {
  auto* verb =
      app.add_subcommand("presets", "List the switches between the paper, its code and our defaults");
  verb->footer(
      "Examples:\n"
      "  kizu presets\n"
      "  kizu presets --diff reference improved\n"
      "They apply to bases with a text encoder (kizu import).");
  struct Chosen {
    std::vector<std::string> compared;
    bool markdown = false;
  };
  const auto chosen = std::make_shared<Chosen>();
  verb->add_option("--diff", chosen->compared, "Two presets; only the switches in which they differ")
      ->expected(2)
      ->type_name("PRESET PRESET");
  verb->add_flag("--markdown", chosen->markdown, "The table of docs/presets.md");
  verb->callback([chosen] {
    if (chosen->markdown) {
      std::cout << anomaly::presets_as_markdown();
      return;
    }
    std::vector<anomaly::Preset> presets;
    for (const auto& name : chosen->compared) presets.push_back(anomaly::Preset::named(name));
    if (presets.empty())
      presets = {anomaly::Preset::paper(), anomaly::Preset::reference(), anomaly::Preset::improved()};
    std::cout << anomaly::describe(presets, !chosen->compared.empty());
  });
}

}  // namespace kizu
