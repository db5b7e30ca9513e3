#pragma once
#include <optional>
#include <vector>

#include "anomaly/generation.h"
#include "core/json.h"
#include "pipeline/workspace.h"
#include "tensor/worker_pool.h"

namespace kizu::study {

/// A defect painted with nothing that holds the surroundings, neither blending nor pasting.
struct FreePainting {
  torch::Tensor mask;  ///< [1, 1, S, S] of the window
  torch::Tensor good;  ///< [1, C, S / 8, S / 8]: the good photo's latent
  torch::Tensor made;  ///< the same with the defect
};
/// In the first window of the mask, on a base in eval mode, with the noise and the look that belong to
/// `seed`.
FreePainting paint_freely(const ldm::CompactModel& model, const anomaly::TypeEmbedding& type,
                          const Image& photo, const Mask& mask, uint64_t seed,
                          const diffusion::SamplerOptions& sampler);

/// How well the base itself keeps to the masks: some pairs (records of pairs.json) are painted again with
/// nothing that holds the surroundings, neither blending nor pasting. Mean AUROC of the change (against the
/// good photo as the autoencoder has it) as a predictor of the mask, over the first window of each pair.
/// Empty for a run on a base with a text encoder, and without records.
std::optional<double> free_alignment(const pipeline::Workspace& workspace, const std::vector<Json>& records,
                                     WorkerPool& pool);

}  // namespace kizu::study
