#pragma once
#include <filesystem>
#include <memory>

#include "inspection/localizer_net.h"

namespace kizu::inspection {

/// How a photo is looked at: as it is, or also mirrored left to right, upside down and both, the four maps
/// averaged (test-time augmentation; docs/results.md, "Looking four times").
enum class Views { kOne, kMirrored };

/// What a localizer file says beside the weights.
struct LocalizerInfo {
  LocalizerConfig config;
  int64_t work_size = 256;         // short side of a photo as the network sees it
  double threshold = 0.5;          // heat from which on a pixel is called defect
  Views views = Views::kMirrored;  // what it has learned to see
  int64_t window = 512;            // and through windows of how many pixels a side
};

/// One safetensors file: weights by name, LocalizerInfo as JSON in the metadata.
void save_localizer(const std::filesystem::path& file, const Localizer& net, const LocalizerInfo& info);
/// In evaluation mode. Throws Error naming the file when it is missing, cut short or something else.
std::shared_ptr<Localizer> load_localizer(const std::filesystem::path& file, LocalizerInfo& info);

}  // namespace kizu::inspection
