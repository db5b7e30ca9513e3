#include "options.h"
#include "verbs.h"

namespace kizu {

void add_masks(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("masks", "Make masks for new defects, each on a good photo of its own");
  verb->footer(
      "Examples:\n"
      "  kizu masks --out screw-run --pairs 100\n"
      "  kizu masks --out screw-run --rotation 180\n"
      "Writes OUT/masks/<type>/0001.png and masks.json.");
  struct Chosen {
    OldRun run;
    pipeline::MaskStep step;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_mask_options(*verb, chosen->step);
  verb->callback(
      [chosen, &program] { pipeline::mask_step(chosen->run.workspace(), chosen->step, program.observer); });
}

}  // namespace kizu
