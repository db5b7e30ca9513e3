#pragma once
#include <map>
#include <string>
#include <vector>

#include "anomaly/concept_generation.h"
#include "core/json.h"
#include "pipeline/concept_steps.h"

namespace kizu::pipeline {

/// An entry of masks.json, in which a defect is to be painted.
struct PaintJob {
  Json mask;
  int64_t number = 0;  ///< within its type, from 1
  size_t place = 0;    ///< among all
  std::string type() const { return mask.at("type"); }
};
using PaintJobs = std::vector<PaintJob>;

/// In order, at most `most` together and of one type.
std::vector<PaintJobs> jobs_together(const std::vector<Json>& masks, int64_t most);

std::vector<anomaly::PaintRequest> requests_of(const PaintJobs& jobs, const Workspace& workspace);

/// What the U-Net listens to for the jobs that are `left`, by their place, on the CPU. The spatial encoder
/// sees each of them together with its whole batch (Preset::masks_together), so that the result does not
/// depend on what is left. The text encoder is loaded for these alone, and gone when they are returned.
std::map<size_t, anomaly::Context> paint_contexts(const std::vector<Json>& masks, const PaintJobs& left,
                                                  const Workspace& workspace, const ConceptStep& step,
                                                  const anomaly::LearnedConcepts& concepts);

/// Those of some jobs as one, on the device.
anomaly::Context joined(const std::map<size_t, anomaly::Context>& contexts, const PaintJobs& jobs,
                        torch::Device device);

}  // namespace kizu::pipeline
