#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "anomaly/concept_file.h"
#include "anomaly/preset.h"
#include "core/observer.h"
#include "image/image.h"
#include "ldm/latent_diffusion.h"

namespace kizu::anomaly {

/// One real defect photo and its mask (grey levels; defect above the half), for one concept.
struct ConceptShot {
  std::string concept_name;  ///< for instance "screw+scratch_neck"
  Image image;
  Image mask;
};

struct ConceptLearningOptions {
  Preset preset;
  int64_t side = 256;        ///< pixels of the square that the base sees
  int64_t rows_at_once = 1;  ///< as in InversionOptions
  int64_t save_every = 200;  ///< steps
  uint64_t seed = 1;

  /// Throws Error naming the option.
  void check() const;
};

/// Masked textual inversion on a base with a text encoder: one anomaly embedding for each concept among the
/// shots, and one spatial encoder for all, learned jointly from mixed batches. Concepts that `known` already
/// has stay as they are, and so does its spatial encoder: then only the new embeddings learn, and every other
/// concept's pictures stay the same to the last bit. `folder` keeps the checkpoint; a run that was stopped
/// resumes to the same bytes. The base is not changed. Throws Error for no shots or a concept already known.
LearnedConcepts learn_anomalies(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                                const LearnedConcepts& known, const ConceptLearningOptions& options,
                                const std::filesystem::path& folder, Observer& observer);

/// Textual inversion on pictures of masks, one concept after the other on the same frozen base; adds to
/// `known`. Without loss mask, AdamW with weight decay 0.01.
LearnedConcepts learn_masks(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                            const LearnedConcepts& known, const ConceptLearningOptions& options,
                            const std::filesystem::path& folder, Observer& observer);

}  // namespace kizu::anomaly
