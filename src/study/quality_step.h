#pragma once
#include <filesystem>
#include <vector>

#include "core/observer.h"
#include "pipeline/workspace.h"

namespace kizu::study {

/// What the measures of the generated pictures need beside the run; docs/quality.md defines each.
struct QualityStep {
  std::vector<std::filesystem::path> features;  // files of networks, or folders of such files
  std::vector<std::filesystem::path> lpips;     // weights of LPIPS v0.1
  int64_t most = 200;      // pairs of each type that are compared with each other and with the real defects
  int64_t unblended = 16;  // pairs of each type that are painted again without blending; 0 none

  /// Throws Error naming the option.
  void check() const;
};

/// Measures the pairs of a run against its photos: quality/quality.json, per defect type and for all. Test
/// photos are looked at, nothing is chosen by them. Without networks it measures what needs none and says
/// what is missing.
void quality_step(const pipeline::Workspace& workspace, const QualityStep& step, Observer& observer);

}  // namespace kizu::study
