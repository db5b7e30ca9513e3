#pragma once
#include <filesystem>
#include <optional>

#include "core/observer.h"
#include "ldm/model_source.h"

namespace kizu::importing {

struct ImportOptions {
  std::optional<Dtype> dtype;  ///< of the weights that are written: F32, F16, BF16; none: as they come
  std::filesystem::path vocabulary, merges;
  ldm::Heads heads;
  bool force = false;  ///< a model that is there already may be replaced
};

/// Makes a latent diffusion model of others a folder that every verb takes as --model: model.json, one
/// safetensors file for each network, the tokenizer's files. The source is parsed, never run. Throws Error,
/// before anything is written, with the list of tensors that are missing, unknown or of another shape, and
/// when the disk has too little room.
void import_model(const std::filesystem::path& source, const std::filesystem::path& out,
                  const ImportOptions& options, Observer& observer);

}  // namespace kizu::importing
