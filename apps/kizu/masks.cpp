#include "concept_options.h"
#include "core/error.h"
#include "verbs.h"

namespace kizu {
namespace {

struct MasksOptions {
  OldRun run;
  pipeline::MaskStep step;
  ConceptOptions concepts;
};

void make_masks(const CLI::App& verb, MasksOptions& chosen, Observer& observer) {
  const auto workspace = chosen.run.workspace();
  chosen.concepts.refuse_foreign(verb, workspace);
  if (!workspace.has_text_encoder()) return pipeline::mask_step(workspace, chosen.step, observer);
  pipeline::make_masks(workspace, chosen.step, chosen.concepts.step(pairs_given(verb, chosen.step.pairs)),
                       observer);
}

}  // namespace

void add_masks(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("masks", "Make masks for new defects, each on a good photo of its own");
  verb->footer(
      "Examples:\n"
      "  kizu masks --out screw-run --pairs 100\n"
      "  kizu masks --out screw-run --rotation 180\n"
      "  kizu masks --out screw-run --preset paper --pairs 100\n"
      "Writes OUT/masks/<type>/0001.png and masks.json.");
  const auto chosen = std::make_shared<MasksOptions>();
  chosen->run.add_to(*verb);
  add_mask_options(*verb, chosen->step);
  chosen->concepts.add_to_verb(*verb);
  verb->callback([chosen, verb, &program] { make_masks(*verb, *chosen, program.observer); });
}

}  // namespace kizu
