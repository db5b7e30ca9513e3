#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ldm/compact_model.h"
#include "tensor/convert.h"

namespace kizu::anomaly {

/// What was learned of one defect type.
struct TypeEmbedding {
  std::string type;
  torch::Tensor tokens;  // [n, context_dim]: the anomaly embedding
  torch::Tensor shots;   // [shots, n, context_dim]: what each adds to it, so that pairs vary as the shots do
  torch::Tensor change;  // [shots, 3]: mean change inside each shot's mask, in units of the light there
};

/// Everything that `learn` leaves behind and `generate` needs besides the base model: one embedding per type
/// and, where the options asked for it, the weights of the base that were tuned with them (names as in the
/// model's files: "spatial.*", "unet.*").
struct Embeddings {
  std::vector<TypeEmbedding> types;
  NamedTensors tuned;
  std::map<std::string, std::string> metadata;  // options, base model's hash, data hashes

  /// Throws Error naming the type that is not among them.
  const TypeEmbedding& of(const std::string& type) const;
  /// Copies the tuned weights into the model. Throws Error when they do not fit.
  void tune(ldm::CompactModel& model) const;

  static Embeddings read(const std::filesystem::path& file);
  void write(const std::filesystem::path& file) const;
};

}  // namespace kizu::anomaly
