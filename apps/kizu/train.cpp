#include "options.h"
#include "pipeline/good_photos.h"
#include "verbs.h"

namespace kizu {

void add_train(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("train", "Train a localizer on a mix of photos, pairs and baselines");
  verb->footer(
      "Examples:\n"
      "  kizu train --out screw-run --name mine --mix good:0.4,pairs:0.6\n"
      "  kizu train --out screw-run --name crop --mix good:0.5,crop_paste:0.5 --train-steps 2000\n"
      "Sources of the mix: good, pairs, pair_paste (their defects, pasted like those of the shots), shots, "
      "crop_paste, crop_paste_poisson, perlin. Several mixes with '/' between follow one another, each for "
      "as "
      "many steps as the others. Writes OUT/localizer-NAME/localizer.safetensors.");
  struct Chosen {
    OldRun run;
    pipeline::TrainStep step;
    std::string mix;
    uint64_t seed = 0;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  add_name_option(*verb, chosen->step.name);
  add_mix_option(*verb, "--mix", chosen->mix, "What it learns from, with shares")
      ->default_str(default_mix(pipeline::after_mix));
  const auto* seed = add_seed_option(*verb, chosen->seed,
                                     "Another seed for this training: says how much trainings vary alone")
                         ->default_str("the run's");
  add_train_options(*verb, chosen->step.options);
  verb->callback([chosen, seed, &program] {
    if (seed->count() > 0) chosen->step.seed = chosen->seed;
    const auto workspace = chosen->run.workspace();
    if (chosen->mix.empty())
      chosen->mix = pipeline::after_mix(pipeline::has_aligned_photos(workspace, workspace.split()));
    chosen->step.options.mix = inspection::Curriculum::parse(chosen->mix);
    pipeline::train_step(workspace, chosen->step, program.observer);
  });
}

}  // namespace kizu
