#include "options.h"
#include "verbs.h"

namespace kizu {

void add_evaluate(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("evaluate", "Measure a localizer on the test photos of a run");
  verb->footer(
      "Examples:\n"
      "  kizu evaluate --out screw-run --name after\n"
      "  kizu evaluate --out screw-run --name mine --protocol reference\n"
      "Writes OUT/evaluation-NAME/metrics.json and heat maps.");
  struct Chosen {
    OldRun run;
    pipeline::EvaluateStep step;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_name_option(*verb, chosen->step.name);
  add_protocol_option(*verb, chosen->step.protocol);
  verb->callback([chosen, &program] {
    pipeline::evaluate_step(chosen->run.workspace(), chosen->step, program.observer);
  });
}

}  // namespace kizu
