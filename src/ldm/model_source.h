#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "ldm/detect.h"
#include "weights/tensor_source.h"

namespace kizu::ldm {

/// A latent diffusion model as others store it, before it is imported.
struct ModelSource {
  std::unique_ptr<TensorSource> tensors;  ///< under the checkpoint's names
  std::string kind;                       ///< for people: "checkpoint", "folder of diffusers"
  LatentDiffusionConfig config;           ///< from names and shapes, and what is said beside them
  std::filesystem::path vocabulary;       ///< a folder with the tokenizer's files; empty: none came with it
};

/// Opens a checkpoint (.ckpt or .safetensors with the names of the original) or a folder in the layout of
/// diffusers: {unet, vqvae or vae, bert or text_encoder}/*.{safetensors, bin}. `heads` is what the user says.
/// The noise schedule is taken from the checkpoint's "betas" or the folder's scheduler. Throws Error.
ModelSource open_model_source(const std::filesystem::path& source, const Heads& heads);

}  // namespace kizu::ldm
