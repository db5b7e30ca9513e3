#include "study/quality_step.h"

#include "core/utf8.h"
#include "options.h"
#include "verbs.h"

namespace kizu {
void add_quality(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("quality", "Measure the generated pictures themselves, inside the defect");
  verb->footer(
      "Examples:\n"
      "  kizu quality --out screw-run\n"
      "  kizu quality --out screw-run --features squeezenet1_1.pth --lpips squeeze.pth\n"
      "  kizu quality --out screw-run --features networks --lpips vgg.pth --most 500\n"
      "Writes OUT/quality/quality.json and adds a section to OUT/report.html: how well defects keep to "
      "their\n"
      "masks, how real they look (with real defects and crop-paste as yardsticks), how different they are, "
      "and\n"
      "whether they copy a shot. Networks: torchvision's SqueezeNet 1.1, AlexNet, VGG16, ResNet-34. Without "
      "any\n"
      "it measures what needs none. Every number is defined in docs/quality.md.");
  struct Chosen {
    OldRun run;
    study::QualityStep step;
    std::vector<std::string> features, lpips;
  };
  const auto chosen = std::make_shared<Chosen>();
  chosen->run.add_to(*verb);
  verb->add_option("--features", chosen->features, "Files of networks, or folders with such files");
  verb->add_option("--lpips", chosen->lpips, "Weights of LPIPS v0.1 for these networks");
  verb->add_option("--most", chosen->step.most, "Pairs of each type that are compared with each other")
      ->capture_default_str();
  verb->add_option("--unblended", chosen->step.unblended,
                   "Pairs of each type that are painted again without blending; 0 = none")
      ->capture_default_str();
  verb->callback([chosen, &program] {
    chosen->step.features = paths_of(chosen->features);
    chosen->step.lpips = paths_of(chosen->lpips);
    const auto workspace = chosen->run.workspace();
    study::quality_step(workspace, chosen->step, program.observer);
    program.observer.said("report: " + utf8(workspace.out / "report.html"));
  });
}

}  // namespace kizu
