#include "options.h"
#include "verbs.h"

namespace kizu {

void add_generate(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("generate", "Paint a defect into every mask of a run");
  verb->footer(
      "Examples:\n"
      "  kizu generate --out screw-run\n"
      "  kizu generate --out screw-run --strength 1.3 --sampler ddim --sampler-steps 50 --eta 1\n"
      "Writes OUT/pairs/<type>/0001.image.png, 0001.mask.png and 0001.json (where it came from).");
  struct Chosen {
    OldRun run;
    pipeline::GenerateStep step;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_generate_options(*verb, chosen->step);
  add_zoom_option(*verb, chosen->step.options.window.zoom,
                  "Enlargement at which defects are painted; as it was in learn");
  verb->callback([chosen, &program] {
    pipeline::generate_step(chosen->run.workspace(), chosen->step, program.observer);
  });
}

}  // namespace kizu
