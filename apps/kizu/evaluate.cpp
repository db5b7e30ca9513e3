#include "core/utf8.h"
#include "options.h"
#include "verbs.h"

namespace kizu {

void add_evaluate(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("evaluate", "Measure a localizer on the test photos of a run");
  verb->footer(
      "Examples:\n"
      "  kizu evaluate --out screw-run --name after\n"
      "  kizu evaluate --out screw-run --name mine --protocol reference\n"
      "  kizu evaluate --out screw-run --localizer imported.safetensors --name published\n"
      "Writes OUT/evaluation-NAME/metrics.json and heat maps.");
  struct Chosen {
    OldRun run;
    pipeline::EvaluateStep step;
    std::string localizer;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_name_option(*verb, chosen->step.name);
  verb->add_option(
      "--localizer", chosen->localizer,
      "A localizer.safetensors from elsewhere (kizu import); its own name is then the default of "
      "--name");
  add_protocol_option(*verb, chosen->step.protocol);
  add_views_option(*verb, chosen->step.views);
  verb->callback([chosen, verb, &program] {
    // The run's own evaluations are not replaced by one of a localizer from elsewhere.
    if (!chosen->localizer.empty()) {
      chosen->step.localizer = std::filesystem::absolute(std::filesystem::u8path(chosen->localizer));
      if (verb->count("--name") == 0) chosen->step.name = utf8(chosen->step.localizer.stem());
    }
    pipeline::evaluate_step(chosen->run.workspace(), chosen->step, program.observer);
  });
}

}  // namespace kizu
