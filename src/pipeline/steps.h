#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "anomaly/generation.h"
#include "anomaly/learning.h"
#include "anomaly/mask_placement.h"
#include "core/observer.h"
#include "dataset/split.h"
#include "inspection/localizer_file.h"
#include "inspection/train_localizer.h"
#include "pipeline/concept_steps.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// Looks at every photo, refuses what cannot work, divides shots from test: split/split.json. Throws Error
/// with all faults that stop a run.
void split_step(const Workspace& workspace, const dataset::SplitOptions& options, Observer& observer);

/// Learns the anomaly embeddings from the shots: learn/embeddings.safetensors, learn/curve.json.
/// `adapt_minutes` > 0 first fine-tunes the base on the good photos (learn/adapted/).
struct LearnStep {
  anomaly::LearnOptions options;
  double adapt_minutes = 0;
};
void learn_step(const Workspace& workspace, const LearnStep& step, Observer& observer);

/// Makes masks for new defects, each on a good photo of its own: masks/<type>/0001.png, masks/masks.json.
struct MaskStep {
  anomaly::MaskOptions options;
  int64_t pairs = 60;  // of each type
  void check() const;
};
void mask_step(const Workspace& workspace, const MaskStep& step, Observer& observer);

/// The same on a base with a text encoder, where the preset says which masks there are.
void make_masks(const Workspace& workspace, const MaskStep& varied, const ConceptStep& step,
                Observer& observer);

/// Paints a defect into every mask: pairs/<type>/0001.image.png, .mask.png, .json (provenance),
/// pairs/pairs.json. A pair that fails its scores is tried again with another seed, then put aside in
/// pairs/dropped.
struct GenerateStep {
  anomaly::GenerateOptions options;
  int attempts = 3;
  bool difference = false;  // also writes 0001.difference.png
  void check() const;
};
void generate_step(const Workspace& workspace, const GenerateStep& step, Observer& observer);

/// Trains a localizer on a mix of good photos, generated pairs, shots, crop-paste and Perlin defects:
/// localizer-<name>/localizer.safetensors, curve.json.
struct TrainStep {
  std::string name = "after";
  inspection::TrainOptions options;
  int64_t pairs = 0;                  // only those made from the first so many masks of each type; 0: all
  std::optional<uint64_t> seed = {};  // another one than the run's: says how much a training varies by itself
};
void train_step(const Workspace& workspace, const TrainStep& step, Observer& observer);

enum class Protocol { kImproved, kReference };

/// Measures a localizer on the test photos: evaluation-<name>/metrics.json and maps/, or, for a comparison,
/// scores.safetensors (pipeline/score_file.h) instead of maps.
struct EvaluateStep {
  std::string name = "after";
  Protocol protocol = Protocol::kImproved;
  bool for_comparison = false;
  std::filesystem::path localizer = {};         // a file from elsewhere instead of the run's own of this name
  std::optional<inspection::Views> views = {};  // none: as the file says; one where the protocol is published
  void check() const;
};
void evaluate_step(const Workspace& workspace, const EvaluateStep& step, Observer& observer);

/// What a localizer learns from without and with pairs, where nobody says it. Among photos that resemble each
/// other pixel by pixel (`aligned`) there is no crop-paste: a lead in the middle of the case is nothing that
/// could happen.
std::string before_mix(bool aligned);
std::string after_mix(bool aligned);

/// The whole main job, or without the learning where the workspace is learned jointly. Steps that are
/// complete are skipped; a killed run goes on where it was.
struct RunStep {
  dataset::SplitOptions split;
  LearnStep learn;
  MaskStep masks;
  GenerateStep generate;
  inspection::TrainOptions train;       // its mix is replaced by those below
  ConceptStep concepts;                 // instead of learn and generate, on a base with a text encoder
  std::string before = {}, after = {};  // empty: before_mix, after_mix
  std::string perlin = "good:0.4,perlin:0.6";
  Protocol protocol = Protocol::kImproved;
  void check() const;
};
void run_step(const Workspace& workspace, const RunStep& step, Observer& observer);

}  // namespace kizu::pipeline
