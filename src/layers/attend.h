#pragma once
#include <torch/torch.h>

namespace kizu::layers {

/// What may change an attention between its two products; undefined tensors change nothing.
struct AttendChanges {
  torch::Tensor bias;           ///< [N, L], added to the similarities; -inf hides a token
  torch::Tensor factors;        ///< [B, N, L], multiplied
  bool before_softmax = false;  ///< factors multiply the similarities, not the probabilities
};

/// Multi-head attention, softmax(q k^T / sqrt(d)) v: q [B, N, heads d], k and v [B, L, heads d] -> [B, N,
/// heads d]. Where fast_path allows, the similarities of a few rows at a time are all that is ever in memory,
/// also in the pass back (which is for attention without factors).
torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, int64_t heads,
                     const AttendChanges& changes = {});

}  // namespace kizu::layers
