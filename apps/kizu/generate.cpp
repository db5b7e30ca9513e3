#include "concept_options.h"
#include "verbs.h"

namespace kizu {
namespace {

struct GenerateOptions {
  OldRun run;
  pipeline::GenerateStep step;
  ConceptOptions concepts;
};

void generate(const CLI::App& verb, const GenerateOptions& chosen, Observer& observer) {
  const auto workspace = chosen.run.workspace();
  chosen.concepts.refuse_foreign(verb, workspace);
  if (workspace.has_text_encoder())
    pipeline::paint_step(workspace, chosen.concepts.step(), observer);
  else
    pipeline::generate_step(workspace, chosen.step, observer);
}

}  // namespace

void add_generate(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("generate", "Paint a defect into every mask of a run");
  verb->footer(
      "Examples:\n"
      "  kizu generate --out screw-run\n"
      "  kizu generate --out screw-run --strength 1.3 --sampler ddim --sampler-steps 50 --eta 1\n"
      "  kizu generate --out screw-run --preset paper --set sampler_steps=50\n"
      "Writes OUT/pairs/<type>/0001.image.png, 0001.mask.png and 0001.json (where it came from).");
  const auto chosen = std::make_shared<GenerateOptions>();
  chosen->run.add_to(*verb);
  add_generate_options(*verb, chosen->step);
  add_zoom_option(*verb, chosen->step.options.window.zoom,
                  "Enlargement at which defects are painted; as it was in learn");
  chosen->concepts.add_to_verb(*verb);
  verb->callback([chosen, verb, &program] { generate(*verb, *chosen, program.observer); });
}

}  // namespace kizu
