#include "options.h"
#include "verbs.h"

namespace kizu {

void add_split(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("split", "Begin a run folder: check the photos and divide shots from test photos");
  verb->footer(
      "Examples:\n"
      "  kizu split --data photos --category screw --out screw-run\n"
      "  kizu split --data photos --category screw --shots 5 --out screw-run\n"
      "Writes OUT/split/split.json with the SHA-256 of every file; all later steps use it.");
  struct Chosen {
    NewRun run;
    dataset::SplitOptions options;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_split_options(*verb, chosen->options);
  verb->callback([chosen, &program] {
    const auto workspace = chosen->run.workspace(
        chosen->run.names().front(), std::filesystem::absolute(std::filesystem::u8path(chosen->run.out)));
    workspace.save();
    pipeline::split_step(workspace, chosen->options, program.observer);
  });
}

}  // namespace kizu
