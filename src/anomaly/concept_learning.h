#pragma once
#include <filesystem>
#include <vector>

#include "anomaly/concept_batches.h"
#include "anomaly/concept_file.h"
#include "core/observer.h"
#include "ldm/latent_diffusion.h"

namespace kizu::anomaly {

/// Masked textual inversion on a base with a text encoder: one anomaly embedding for each concept among the
/// shots, and one spatial encoder for all, learned jointly from mixed batches. Concepts that `known` already
/// has stay as they are, and so does its spatial encoder: then only the new embeddings learn, and every other
/// concept's pictures stay the same to the last bit. `folder` keeps the checkpoint and gets curve.json; a run
/// that was stopped resumes to the same bytes. The base is not changed. Throws Error for no shots or a
/// concept already known.
LearnedConcepts learn_anomalies(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                                const LearnedConcepts& known, const ConceptLearningOptions& options,
                                const std::filesystem::path& folder, Observer& observer);

/// Memory for learning a spatial encoder on a batch of masks, its optimiser and activations included, in
/// bytes.
uint64_t encoder_bytes(const SpatialEncoderConfig& config, int64_t batch);

/// Textual inversion on pictures of masks, one concept after the other on the same frozen base; adds to
/// `known`. Without loss mask, AdamW with weight decay 0.01.
LearnedConcepts learn_masks(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                            const LearnedConcepts& known, const ConceptLearningOptions& options,
                            const std::filesystem::path& folder, Observer& observer);

}  // namespace kizu::anomaly
