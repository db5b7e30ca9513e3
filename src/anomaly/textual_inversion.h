#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "anomaly/concepts.h"
#include "anomaly/masked_loss.h"
#include "diffusion/schedule.h"
#include "ldm/latent_diffusion.h"
#include "tensor/worker_pool.h"

namespace kizu::anomaly {

/// One batch of a training on a base with a text encoder; everything random about it is given.
struct InversionBatch {
  torch::Tensor z_0;               ///< [B, C, h, w] scaled latents of the photos
  torch::Tensor ids;               ///< [B, L] int64 captions
  std::vector<std::string> names;  ///< [B] whose embedding stands for "*"
  torch::Tensor mask;              ///< [B, 1, H, W] in [0, 1]; undefined in a mask model
  torch::Tensor t;                 ///< [B] int64
  torch::Tensor eps;               ///< [B, C, h, w] standard normal
};

struct InversionOptions {
  MaskResize mask_resize = MaskResize::kCoverage;
  MaskedLossOptions loss;
  /// Rows that go through the networks together; 0: all. Part of what fixes the bytes where torch's operators
  /// compute; our own loops take more if what they keep for the pass back is within ldm::kMostKept.
  int64_t rows_at_once = 0;
  int workers = 0;  ///< threads, each with rows of its own; 0: one per core. Never changes a result
};

/// Loss of a batch and the gradient for each of concepts.trainables(); undefined where one plays no part.
struct InversionGradient {
  double loss = 0;
  std::vector<torch::Tensor> of;
};

/// Masked textual inversion (the masked loss of the AnomalyDiffusion paper): mean over the rows of the masked
/// error of the predicted noise, through the frozen U-Net and text encoder. Each worker holds the activations
/// of `rows_at_once` rows; where there are fewer such groups than workers, several cores work on each. The
/// embeddings stay float32 whatever the dtype of the base.
InversionGradient inversion_gradient(ldm::LatentDiffusion& base, const diffusion::Schedule& schedule,
                                     const Concepts& concepts, const InversionBatch& batch,
                                     const InversionOptions& options, WorkerPool& pool);

/// Several such steps with one optimiser; the U-Net's blocks are computed again in the backward pass where
/// more would have to be kept for it than ldm::kMostKept, or torch's operators compute them.
/// Gradients count as zero, not as absent, once a tensor had one: an embedding that a batch does not use
/// still moves by Adam's momentum, as in the reference.
class TextualInversion {
 public:
  TextualInversion(ldm::LatentDiffusion& base, Concepts concepts, const InversionOptions& options,
                   const AdamOptions& adam);
  ~TextualInversion();
  InversionGradient step(const InversionBatch& batch, double learning_rate);

  const Concepts& concepts() const { return concepts_; }
  Adam& adam() { return adam_; }
  WorkerPool& pool() { return pool_; }

 private:
  ldm::LatentDiffusion& base_;
  diffusion::Schedule schedule_;
  Concepts concepts_;
  InversionOptions options_;
  Adam adam_;
  WorkerPool pool_;
};

/// Threads for work on a base: on a GPU one, which takes it all.
int workers_for(ldm::LatentDiffusion& base, int workers);

/// The noise schedule that a base was trained with.
diffusion::Schedule schedule_of(const ldm::LatentDiffusionConfig& config);

}  // namespace kizu::anomaly
