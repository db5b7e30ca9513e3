#pragma once
#include <vector>

#include "core/json.h"
#include "pipeline/workspace.h"
#include "tensor/worker_pool.h"

namespace kizu::study {

/// How well pairs (records of pairs.json) keep to their masks: means of quality::alignment_of over `records`
/// as they lie there, and "auroc_unblended", that of free_alignment over `repainted`.
Json alignment_of_pairs(const pipeline::Workspace& workspace, const std::vector<Json>& records,
                        const std::vector<Json>& repainted, WorkerPool& pool);

}  // namespace kizu::study
