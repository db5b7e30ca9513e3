#include "pipeline/detect_photos.h"

#include "options.h"
#include "verbs.h"

namespace kizu {

void add_detect(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("detect", "Look for defects on new photos with a trained localizer");
  verb->footer(
      "Examples:\n"
      "  kizu detect --localizer screw-run --out found new-photos\n"
      "  kizu detect --localizer localizer.safetensors --out found a.png b.png\n"
      "Writes a heat map, a mask and an overlay of each photo, and detections.json.");
  struct Chosen {
    std::string localizer, out;
    std::vector<std::string> photos;
    pipeline::DetectOptions options;
  };
  const auto chosen = std::make_shared<Chosen>();
  verb->add_option("PHOTOS", chosen->photos, "Photos or folders of photos")->required();
  verb->add_option("--localizer", chosen->localizer, "localizer.safetensors, or the folder of a finished run")
      ->required();
  verb->add_option("--out", chosen->out, "Folder to write to")->required();
  verb->add_option("--threshold", chosen->options.threshold, "Heat (0 to 1) from which on a pixel is defect")
      ->check(within(0, 1))
      ->default_str("the localizer's own");
  add_views_option(*verb, chosen->options.views);
  add_workers_option(*verb, chosen->options.workers);
  verb->callback([chosen, &program] {
    chosen->options.localizer = std::filesystem::u8path(chosen->localizer);
    chosen->options.out = std::filesystem::u8path(chosen->out);
    for (const auto& photo : chosen->photos) chosen->options.photos.push_back(std::filesystem::u8path(photo));
    pipeline::detect_photos(chosen->options, program.observer);
  });
}

}  // namespace kizu
