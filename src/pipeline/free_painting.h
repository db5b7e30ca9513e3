#pragma once
#include <optional>
#include <vector>

#include "core/json.h"
#include "pipeline/workspace.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {

/// How well the base itself keeps to the masks: some pairs (records of pairs.json) are painted again with
/// nothing that holds the surroundings, neither blending nor pasting. Mean AUROC of the change (against the
/// good photo as the autoencoder has it) as a predictor of the mask, over the first window of each pair.
/// Empty for a run on a base with a text encoder, and without records.
std::optional<double> free_alignment(const Workspace& workspace, const std::vector<Json>& records,
                                     WorkerPool& pool);

}  // namespace kizu::pipeline
