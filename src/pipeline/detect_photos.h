#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "core/observer.h"
#include "inspection/localizer_file.h"

namespace kizu::pipeline {

struct DetectOptions {
  std::filesystem::path localizer;            // localizer.safetensors, or a run folder (its "after" is taken)
  std::vector<std::filesystem::path> photos;  // files and folders; folders are searched, not their subfolders
  std::filesystem::path out;
  double threshold = -1;                        // below 0: the one in the localizer's file
  std::optional<inspection::Views> views = {};  // none: as the localizer's file says
  int workers = 0;
};

/// Looks for defects on new photos: OUT/<name>.heat.png, <name>.mask.png, <name>.overlay.png and
/// detections.json with a score for each. Throws Error naming a photo that cannot be read before anything is
/// written.
void detect_photos(const DetectOptions& options, Observer& observer);

}  // namespace kizu::pipeline
