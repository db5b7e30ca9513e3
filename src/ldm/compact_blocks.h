#pragma once
#include <torch/torch.h>

#include "layers/convolution.h"
#include "layers/group_norm.h"
#include "layers/linear.h"

namespace kizu::ldm {

/// A map that re-weights cross-attention to some tokens, pixel by pixel (adaptive attention re-weighting).
struct AttentionMap {
  torch::Tensor weights;    // [B, 1, h, w] at latent resolution; 1 = unchanged
  int64_t first_token = 0;  // columns [first_token, end_token) are re-weighted
  int64_t end_token = 0;
  bool on_logits = false;  // true: before the softmax (the original's code); false: after it (the paper)
};

/// Convolutional residual block; the time embedding scales and shifts the second normalisation (FiLM).
struct FilmResBlock : torch::nn::Module {
  FilmResBlock(int64_t in, int64_t out, int64_t time_dim);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& time);  // [B, in, h, w], [B, time_dim]
  layers::GroupNormSiLU norm1{nullptr};
  layers::GroupNorm norm2{nullptr};
  layers::Conv2d conv1{nullptr}, conv2{nullptr}, skip{nullptr};
  layers::Linear film{nullptr};
};

/// Multi-head attention from `query` to `source` tokens, output starting at zero.
struct Attention : torch::nn::Module {
  Attention(int64_t dim, int64_t source_dim, int64_t heads);
  /// query [B, N, dim], source [B, M, source_dim] -> [B, N, dim]; `map` as above with weights already [B, N].
  torch::Tensor forward(const torch::Tensor& query, const torch::Tensor& source,
                        const torch::Tensor& weights = {}, const AttentionMap* map = nullptr);
  int64_t heads_;
  layers::Linear q{nullptr}, k{nullptr}, v{nullptr}, o{nullptr};
};

/// Self-attention, cross-attention to the context and a GELU layer over the pixels of a feature map.
struct TokenBlock : torch::nn::Module {
  TokenBlock(int64_t channels, int64_t context_dim, int64_t heads);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& context, const AttentionMap* map);
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr}, norm3{nullptr};
  std::shared_ptr<Attention> self, cross;
  layers::Linear wide{nullptr}, narrow{nullptr};
};

}  // namespace kizu::ldm
