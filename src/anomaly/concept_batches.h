#pragma once
#include <map>
#include <string>
#include <vector>

#include "anomaly/preset.h"
#include "anomaly/textual_inversion.h"
#include "image/image.h"
#include "ldm/latent_diffusion.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

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
  int workers = 0;           ///< as in InversionOptions
  int64_t save_every = 200;  ///< steps
  uint64_t seed = 1;

  /// Throws Error naming the option.
  void check() const;
};

/// A shot as batches take it: 8 bits, to hold hundreds in memory.
struct PreparedShot {
  std::string name;
  torch::Tensor image;  ///< uint8 [3, S, S]
  torch::Tensor mask;   ///< uint8 [1, S, S], 0 or 1
};
std::vector<PreparedShot> prepare(const std::vector<ConceptShot>& shots,
                                  const ConceptLearningOptions& options);

/// What the autoencoder said of the pictures of one training that come again unchanged, by their index: each
/// is encoded once.
using KnownMoments = std::map<int64_t, torch::Tensor>;

/// A batch of photos with masks, drawn from all concepts alike and half the time augmented.
InversionBatch anomaly_batch(ldm::LatentDiffusion& base, const std::vector<PreparedShot>& shots,
                             const ConceptLearningOptions& options, NoiseStream random, WorkerPool& pool,
                             KnownMoments& known);

/// A batch of pictures [3, S, S] of one concept's masks.
InversionBatch mask_batch(ldm::LatentDiffusion& base, const std::vector<torch::Tensor>& pictures,
                          const std::string& name, const ConceptLearningOptions& options, NoiseStream random,
                          WorkerPool& pool, KnownMoments& known);

}  // namespace kizu::anomaly
