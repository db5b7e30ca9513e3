#pragma once
#include <filesystem>
#include <vector>

#include "anomaly/concept_learning.h"
#include "core/observer.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// The steps of a run whose base has a text encoder (`workspace.model` is an imported latent diffusion
/// model). Files as in the steps on the compact base, except learn/concepts.safetensors.
struct ConceptStep {
  anomaly::Preset preset;
  int64_t pairs = 0;         ///< of each type; 0: the preset's
  int64_t rows_at_once = 1;  ///< photos that go through the U-Net together, in learning and generating
  /// concepts.safetensors of another run: what it knows stays as it is, and so does its spatial encoder.
  std::filesystem::path add_to;

  int64_t pairs_per_type() const { return pairs > 0 ? pairs : preset.pairs; }
  /// Throws Error naming the option.
  void check() const;
};

/// Name of a defect type among all products: "screw+scratch_neck".
std::string concept_name(const std::string& category, const std::string& type);

/// The shots of a workspace as concepts, with the first test photo of each type if `one_too_many`.
std::vector<anomaly::ConceptShot> concept_shots(const Workspace& workspace, const dataset::Split& split,
                                                bool one_too_many);

/// Learns anomaly embeddings and spatial encoder, and the mask embeddings, of one product:
/// learn/concepts.safetensors. More than one product: `learn_concepts` over the shots of all.
void learn_concepts_step(const Workspace& workspace, const ConceptStep& step, Observer& observer);

/// Masks from the learned mask embeddings, each with a good photo: masks/<type>/0001.png, masks/masks.json.
void concept_masks_step(const Workspace& workspace, const ConceptStep& step, Observer& observer);

/// Paints a defect into every mask of masks/masks.json: pairs/<type>/0001.image.png, .mask.png, .json,
/// pairs/pairs.json.
void paint_step(const Workspace& workspace, const ConceptStep& step, Observer& observer);

}  // namespace kizu::pipeline
