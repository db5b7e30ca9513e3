#pragma once
#include <filesystem>

#include "ldm/compact_model.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// Folder of the base that the learn step worked on: the adapted one where there is one, else the shipped
/// one.
std::filesystem::path base_of(const Workspace& workspace);

/// Fine-tunes the base for about `minutes` (of two cores; counted in steps, so that the bytes do not depend
/// on the machine) on the good photos of the run with procedural defects on them. The result is written to
/// `folder` and loaded into `model`; it goes on from its checkpoints.
void adapt(ldm::CompactModel& model, const Workspace& workspace, const dataset::Split& split, double minutes,
           const std::filesystem::path& folder, Observer& observer);

}  // namespace kizu::pipeline
