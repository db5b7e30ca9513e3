#pragma once
#include <filesystem>
#include <vector>

#include "anomaly/concept_learning.h"
#include "core/observer.h"
#include "ldm/latent_diffusion.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// The steps of a run whose base has a text encoder (`workspace.model` is an imported latent diffusion
/// model). Files as in the steps on the compact base, except learn/concepts.safetensors.
struct ConceptStep {
  anomaly::Preset preset;
  int64_t pairs = 0;         ///< of each type; 0: the preset's
  int64_t rows_at_once = 1;  ///< photos that go through the networks together on each worker
  /// concepts.safetensors of another run: what it knows stays as it is, and so does its spatial encoder.
  std::filesystem::path add_to;
  ldm::LoadOptions load;  ///< device and precision of the base
  bool widen = false;     ///< weights of 16 bits become float32 in memory; nothing else depends on it

  int64_t pairs_per_type() const { return pairs > 0 ? pairs : preset.pairs; }
  /// This step for the base in a folder: weights that it has in 16 bits are kept so on a CPU, unless `widen`.
  ConceptStep on(const std::filesystem::path& model) const;
  /// Throws Error naming the option.
  void check() const;
  /// The same for what the base in this folder cannot do.
  void check_for(const std::filesystem::path& model) const;
};

/// Name of a defect type among all products: "screw+scratch_neck".
std::string concept_name(const std::string& category, const std::string& type);

/// Marks several products as learned together.
void set_joint(std::vector<Workspace>& products);

/// The concepts of a workspace that fit its base. Throws Error naming the file when they do not.
anomaly::LearnedConcepts read_concepts(const Workspace& workspace);

/// Learns anomaly embeddings and one spatial encoder for all defect types of all products, and where the
/// preset wants them the mask embeddings: learn/concepts.safetensors, learn/curve.json in the folder that the
/// products share (a single product's own). Types that `add_to` knows already are left as they are.
void learn_concepts_step(const std::vector<Workspace>& products, const ConceptStep& step, Observer& observer);

/// Masks from the learned mask embeddings, each with a good photo: masks/<type>/0001.png, masks/masks.json.
void concept_mask_step(const Workspace& workspace, const ConceptStep& step, Observer& observer);

/// Paints a defect into every mask of masks/masks.json: pairs/<type>/0001.image.png, .mask.png, .json,
/// pairs/pairs.json.
void paint_step(const Workspace& workspace, const ConceptStep& step, Observer& observer);

/// What run.json says of a step: the switches that change its result, so that another value of one of them is
/// another run, and no other switch is.
Json describe(const ConceptStep& step, anomaly::Stage stage, uint64_t seed);

}  // namespace kizu::pipeline
