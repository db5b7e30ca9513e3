#include "options.h"
#include "verbs.h"

namespace kizu {

void add_learn(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("learn", "Learn the anomaly embeddings of a run from its shots");
  verb->footer(
      "Examples:\n"
      "  kizu learn --out screw-run\n"
      "  kizu learn --out screw-run --tune unet --adapt 5\n"
      "Writes OUT/learn/embeddings.safetensors.");
  struct Chosen {
    OldRun run;
    pipeline::LearnStep step;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_learn_options(*verb, chosen->step);
  verb->callback(
      [chosen, &program] { pipeline::learn_step(chosen->run.workspace(), chosen->step, program.observer); });
}

}  // namespace kizu
