#pragma once
#include <torch/torch.h>

namespace kizu::anomaly {

/// A batch of token embeddings with learned vectors in the place of the placeholder.
struct Spliced {
  torch::Tensor embedded;  ///< [B, L, width]
  torch::Tensor ids;       ///< [B, L] int64: the placeholder's id in every inserted column
  /// [B, 2] int64: first column of the row's leftmost insertion and the column after it, which may lie beyond
  /// L; both 0 in a row without a placeholder.
  torch::Tensor ranges;
};

/// Puts the n vectors inserted[b] [B, n, width] in the place of every `placeholder` of row b; later tokens
/// move right and the row is cut to its length. ids [B, L] int64, embedded [B, L, width] before the positions
/// are added.
Spliced splice_tokens(const torch::Tensor& ids, const torch::Tensor& embedded, const torch::Tensor& inserted,
                      int64_t placeholder);

/// One vector [width] as the start of n: [n, width].
torch::Tensor repeated_token(const torch::Tensor& vector, int64_t n);

}  // namespace kizu::anomaly
