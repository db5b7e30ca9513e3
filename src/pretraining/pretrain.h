#pragma once
#include <torch/torch.h>

#include <filesystem>

#include "core/observer.h"
#include "ldm/compact_model.h"

namespace kizu::pretraining {

/// What a person may choose when training a compact base. Budgets are steps, not minutes, so that the same
/// options give the same bytes.
struct PretrainOptions {
  ldm::CompactConfig config;
  uint64_t seed = 1;
  int64_t pictures = 5000;            // procedural triples (good, flawed, mask) of 256 px
  int64_t autoencoder_steps = 18000;  // 64 px crops
  int64_t autoencoder_batch = 8;
  double autoencoder_rate = 1.2e-3;
  int64_t unet_steps = 11000;
  int64_t unet_batch = 16;
  double unet_rate = 8e-4;
  double wide_share = 0.25;        // last share of the U-Net's steps that also sees whole 256 px windows
  int64_t checkpoint_every = 500;  // steps
  int64_t shards = 4;              // pieces of a batch; fixed, so that bytes do not depend on the cores
  int workers = 0;                 // threads; 0 = one per core
  bool renormalise = true;         // set the latents' mean and spread after the autoencoder's training
  bool bf16 = false;               // mixed precision, on CUDA alone: faster, other bytes
  torch::Device device = torch::kCPU;

  /// Throws Error naming the option that is out of range.
  void check() const;
};

/// Procedural triples in memory: uint8 pictures [N, 3, 256, 256] and masks [N, 1, 256, 256].
struct TripleStore {
  torch::Tensor normal, flawed, mask;
};
TripleStore draw_triples(int64_t count, uint64_t seed, int workers, Observer& observer);

/// The same as latents: [N, C, 32, 32] float16, masks as above.
struct LatentStore {
  torch::Tensor normal, flawed, mask;
};
LatentStore encode_triples(ldm::CompactModel& model, const TripleStore& triples,
                           const PretrainOptions& options, Observer& observer);

/// Each continues from its checkpoint in `folder` and leaves the averaged weights in the model.
void train_autoencoder(ldm::CompactModel& model, const TripleStore& triples, const PretrainOptions& options,
                       const std::filesystem::path& folder, Observer& observer);
void train_unet(ldm::CompactModel& model, const LatentStore& latents, const PretrainOptions& options,
                const std::filesystem::path& folder, Observer& observer);

/// Trains a compact base on procedural pictures alone and writes it to `folder`/model, with sample sheets
/// beside it. Stopped or killed, the same call goes on from the last checkpoint to the same bytes.
void pretrain(const PretrainOptions& options, const std::filesystem::path& folder, Observer& observer);

}  // namespace kizu::pretraining
