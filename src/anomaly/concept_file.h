#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

#include "anomaly/spatial_encoder.h"
#include "tensor/convert.h"

namespace kizu::anomaly {

/// All that has been learned on a base with a text encoder; one file, concepts.safetensors. Tensors
/// "anomaly.<name>" and "mask.<name>" [k, width], and "spatial.<...>" with the names of spatial_encoder.pt.
struct LearnedConcepts {
  std::map<std::string, torch::Tensor> anomalies, masks;  ///< by name, for instance "screw+scratch_neck"
  SpatialEncoderConfig spatial_config;
  NamedTensors spatial;  ///< empty as long as no anomaly has been learned
  /// "preset": learned with; "base": the base's hash; and whatever else the caller wants to keep.
  std::map<std::string, std::string> metadata;

  /// The encoder with its weights, frozen. Throws Error where there are none.
  GradualStyleEncoder spatial_encoder() const;
  /// Throws Error unless the embeddings are as wide as the base's and, where both hashes are known, were
  /// learned on this very base.
  void check_fits(int64_t width, const std::string& base_hash) const;

  /// Throws Error naming the file and what is wrong with it.
  static LearnedConcepts read(const std::filesystem::path& file);
  void write(const std::filesystem::path& file) const;
};

}  // namespace kizu::anomaly
