#include <array>

#include "core/journal.h"
#include "report/fields.h"
#include "report/record_parts.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

/// The folders of a run in the order in which they are worked off; "" is the run itself.
constexpr std::array<const char*, 14> kFolders{"",
                                               "split",
                                               "adapt",
                                               "learn",
                                               "masks",
                                               "pairs",
                                               "localizer-before",
                                               "localizer-after",
                                               "localizer-perlin",
                                               "evaluation-before",
                                               "evaluation-after",
                                               "evaluation-perlin",
                                               "quality",
                                               "detect"};

}  // namespace

std::vector<Step> read_steps(const fs::path& run_folder) {
  std::vector<Step> steps;
  for (const char* name : kFolders) {
    const fs::path folder = run_folder / name, file = folder / "run.json";
    std::error_code ignored;
    if (!fs::exists(file, ignored)) continue;
    Step step;
    step.folder = name;
    step.run = read_json(file);
    const Fields fields(step.run, file.string());
    step.verb = fields.text("verb");
    step.state = fields.text("state");
    if (fs::exists(folder / "events.jsonl", ignored)) {
      step.seconds = seconds_of(folder);
      if (const std::uint64_t peak = peak_bytes_of(folder)) step.peak_memory = static_cast<double>(peak);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace kizu::report
