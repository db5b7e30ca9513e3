#pragma once
#include <cstdint>
#include <string>

#include "ldm/latent_diffusion.h"

namespace kizu::ldm {

/// Memory that a piece of work will need at its worst moment, in bytes.
struct MemoryNeed {
  uint64_t weights = 0;
  uint64_t working = 0;  ///< activations and, for learning, what the backward pass keeps
  uint64_t total() const { return weights + working; }
};

/// Bytes of the weights that `options` loads.
uint64_t weight_bytes(const LatentDiffusionConfig& config, const LoadOptions& options);

/// Painting `batch` pictures of height x width pixels at once: the text encoder is released before the U-Net
/// and the autoencoder come in. `options.dtype` is also that of the activations; weights that the file does
/// not have in the type `options.kept` count for too little.
MemoryNeed generation_need(const LatentDiffusionConfig& config, const LoadOptions& options, int64_t batch,
                           int64_t height, int64_t width);
/// One step of learning embeddings with `batch` latents at once: the gradient passes through the U-Net and
/// the text encoder, whose blocks are computed again in the backward pass if `checkpointing`.
MemoryNeed learning_need(const LatentDiffusionConfig& config, const LoadOptions& options, int64_t batch,
                         int64_t height, int64_t width, bool checkpointing);

/// What the pass back through the U-Net needs of one latent where the loops of layers/ compute it and no
/// block is computed again, in bytes.
uint64_t kept_by_layers(const UNetConfig& config, int64_t height, int64_t width);
/// Up to so much it is kept, because computing blocks again takes a third of a step.
inline constexpr uint64_t kMostKept = 2'000'000'000;

/// "about 9.1 GB of memory (6.0 GB for the weights)".
std::string describe(const MemoryNeed& need);

/// Throws Error when `need` is more than `available` bytes (0: unknown, passes), saying how much `what` needs
/// and `remedy`, the options that lower it. To be called before anything is allocated.
void require_memory(const MemoryNeed& need, uint64_t available, const std::string& what,
                    const std::string& remedy);

}  // namespace kizu::ldm
