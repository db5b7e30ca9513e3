#pragma once
#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "anomaly/spatial_encoder.h"
#include "ldm/text_encoder.h"
#include "tensor/adam.h"

namespace kizu::anomaly {

/// What is learned on a base with a text encoder: vectors that take the place of "*" in a caption (textual
/// inversion, Gal et al. 2022). Anomalies have a spatial encoder beside them, masks have none.
struct Concepts {
  std::map<std::string, torch::Tensor> embeddings;  ///< by name, [k, width]
  SpatialTokens spatial;                            ///< empty for a mask model
  std::vector<Trainable> shared;  ///< the spatial encoder's parameters; empty while it is frozen

  /// The embeddings, in the order of their names, then what they share.
  std::vector<Trainable> trainables() const;
  /// Row b: the embedding of names[b], then the spatial tokens of mask b [B, 1, H, W]; [B, k (+ n), width].
  /// Throws Error for an unknown name, listing the known.
  torch::Tensor inserted(const std::vector<std::string>& names, const torch::Tensor& mask) const;
  const torch::Tensor& embedding(const std::string& name) const;
};

/// What the cross-attention listens to.
struct Context {
  torch::Tensor tokens;  ///< [B, L, width]
  torch::Tensor ranges;  ///< [B, 2] int64: the columns of the inserted vectors, as in Spliced
};

/// Captions [B, L] with `inserted` [B, n, width] in the place of "*", through the text encoder.
Context context_of(ldm::TextEncoder text, const torch::Tensor& ids, const torch::Tensor& inserted);
/// Captions as they are.
Context context_of(ldm::TextEncoder text, const torch::Tensor& ids);

}  // namespace kizu::anomaly
