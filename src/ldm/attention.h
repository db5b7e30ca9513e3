#pragma once
#include <torch/torch.h>

#include <functional>

#include "layers/convolution.h"
#include "layers/group_norm.h"
#include "layers/linear.h"

namespace kizu::ldm {

/// Adaptive attention re-weighting: how strongly each latent pixel listens to some of the context's tokens.
struct AttentionWeights {
  torch::Tensor
      map;  ///< [B, 1, h, w] of factors at the latent's resolution; each layer resizes it (bilinear)
  torch::Tensor columns;  ///< [B, L] bool: the tokens it applies to
  /// Multiply the similarities before the softmax, as the published code does, or the probabilities, as the
  /// paper says.
  bool before_softmax = false;
};

/// Bilinear without antialiasing, corners not aligned: [B, 1, H, W] -> [B, 1, h, w].
torch::Tensor resize_map(const torch::Tensor& map, int64_t height, int64_t width);
/// The factor of every pixel and token, [B, h w, L]: the map in the chosen columns, else 1.
torch::Tensor attention_factors(const AttentionWeights& weights, int64_t height, int64_t width);

/// Multi-head attention of latent diffusion. Children to_q, to_k, to_v (no bias) and to_out.0; scale
/// dim_head^-1/2.
class CrossAttentionImpl : public torch::nn::Module {
 public:
  CrossAttentionImpl(int64_t query_dim, int64_t context_dim, int64_t heads, int64_t dim_head);
  /// x [B, N, query_dim], context [B, L, context_dim] (x itself for self-attention), factors [B, N, L] or
  /// undefined
  /// -> [B, N, query_dim].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& context,
                        const torch::Tensor& factors = {}, bool before_softmax = false);

  /// Receives every output, to look inside a network.
  std::function<void(const torch::Tensor&)> on_output;

 private:
  int64_t heads_;
  layers::Linear q_{nullptr}, k_{nullptr}, v_{nullptr}, out_{nullptr};
};
TORCH_MODULE(CrossAttention);

/// GEGLU feed-forward: value * gelu(gate), exact GELU. Children net.0.proj and net.2.
class FeedForwardImpl : public torch::nn::Module {
 public:
  explicit FeedForwardImpl(int64_t dim, int64_t mult = 4);
  torch::Tensor forward(const torch::Tensor& x);  // [..., dim]

 private:
  layers::Linear in_{nullptr}, out_{nullptr};
};
TORCH_MODULE(FeedForward);

/// Self-attention, cross-attention and feed-forward, each after a layer norm and with a residual.
class TransformerBlockImpl : public torch::nn::Module {
 public:
  TransformerBlockImpl(int64_t dim, int64_t context_dim, int64_t heads, int64_t dim_head);
  /// x [B, N, dim]; `factors` re-weight the cross-attention alone.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& context,
                        const torch::Tensor& factors = {}, bool before_softmax = false);

 private:
  CrossAttention attn1_{nullptr}, attn2_{nullptr};
  FeedForward ff_{nullptr};
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr}, norm3_{nullptr};
};
TORCH_MODULE(TransformerBlock);

/// Transformer blocks over the pixels of a feature map, with a residual around them. Children norm (epsilon
/// 1e-6), proj_in, transformer_blocks.0 ..., proj_out.
class SpatialTransformerImpl : public torch::nn::Module {
 public:
  SpatialTransformerImpl(int64_t channels, int64_t context_dim, int64_t heads, int64_t dim_head,
                         int64_t depth);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& context,
                        const AttentionWeights* weights = nullptr);  // [B, channels, H, W]

 private:
  layers::GroupNorm norm_{nullptr};
  layers::Conv2d proj_in_{nullptr}, proj_out_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
};
TORCH_MODULE(SpatialTransformer);

}  // namespace kizu::ldm
