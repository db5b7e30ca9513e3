#include "synthetic/samples.h"

#include "options.h"
#include "verbs.h"

namespace kizu {

void add_samples(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand(
      "samples", "Draw the embedded sample photos: three products with three defect types each");
  verb->footer(
      "Examples:\n"
      "  kizu samples photos\n"
      "  kizu run --data photos --category brushed_plate --out plate-run\n"
      "The same seed draws the same photos.");
  struct Chosen {
    std::string folder;
    uint64_t seed = 1;
    synthetic::SampleCounts counts;
  };
  const auto chosen = std::make_shared<Chosen>();
  verb->add_option("DIR", chosen->folder, "Folder to write to")->required();
  add_seed_option(*verb, chosen->seed, "Seed of the photos");
  verb->add_option("--train-good", chosen->counts.train_good, "Good photos for training, each product")
      ->check(CLI::Range(1, 9999))
      ->capture_default_str();
  verb->add_option("--test-good", chosen->counts.test_good, "Good photos for testing")
      ->check(CLI::Range(1, 9999))
      ->capture_default_str();
  verb->add_option("--each-defect", chosen->counts.each_defect, "Photos of each defect type")
      ->check(CLI::Range(2, 9999))
      ->capture_default_str();
  verb->callback([chosen, &program] {
    synthetic::write_samples(std::filesystem::u8path(chosen->folder), chosen->seed, chosen->counts,
                             program.observer);
    program.observer.said("samples: " + chosen->folder);
  });
}

}  // namespace kizu
