#include "ldm/attention.h"

#include "layers/attend.h"

namespace kizu::ldm {
namespace nn = torch::nn;
namespace F = torch::nn::functional;

torch::Tensor resize_map(const torch::Tensor& map, int64_t height, int64_t width) {
  if (map.size(2) == height && map.size(3) == width) return map;
  return F::interpolate(map, F::InterpolateFuncOptions()
                                 .size(std::vector<int64_t>{height, width})
                                 .mode(torch::kBilinear)
                                 .align_corners(false));
}

torch::Tensor attention_factors(const AttentionWeights& weights, int64_t height, int64_t width) {
  const auto map = resize_map(weights.map, height, width).flatten(1).unsqueeze(2);  // [B, h w, 1]
  return torch::where(weights.columns.unsqueeze(1), map, torch::ones({}, map.options()));
}

CrossAttentionImpl::CrossAttentionImpl(int64_t query_dim, int64_t context_dim, int64_t heads,
                                       int64_t dim_head)
    : heads_(heads) {
  const int64_t inner = heads * dim_head;
  q_ = register_module("to_q", layers::Linear(nn::LinearOptions(query_dim, inner).bias(false)));
  k_ = register_module("to_k", layers::Linear(nn::LinearOptions(context_dim, inner).bias(false)));
  v_ = register_module("to_v", layers::Linear(nn::LinearOptions(context_dim, inner).bias(false)));
  auto out = register_module("to_out", std::make_shared<nn::Module>());
  out_ = out->register_module("0", layers::Linear(inner, query_dim));
}

torch::Tensor CrossAttentionImpl::forward(const torch::Tensor& x, const torch::Tensor& context,
                                          const torch::Tensor& factors, bool before_softmax) {
  const bool self = context.is_same(x);  // otherwise it is the same context for all steps of a picture
  const auto k = self ? k_(x) : k_->of_fixed(context), v = self ? v_(x) : v_->of_fixed(context);
  const auto out = out_(layers::attend(q_(x), k, v, heads_, {{}, factors, before_softmax}));
  if (on_output) on_output(out);
  return out;
}

FeedForwardImpl::FeedForwardImpl(int64_t dim, int64_t mult) {
  auto net = register_module("net", std::make_shared<nn::Module>());
  auto geglu = net->register_module("0", std::make_shared<nn::Module>());
  in_ = geglu->register_module("proj", layers::Linear(dim, 2 * mult * dim));
  out_ = net->register_module("2", layers::Linear(mult * dim, dim));
}

torch::Tensor FeedForwardImpl::forward(const torch::Tensor& x) {
  return out_(layers::geglu(in_(x)));
}

TransformerBlockImpl::TransformerBlockImpl(int64_t dim, int64_t context_dim, int64_t heads,
                                           int64_t dim_head) {
  attn1_ = register_module("attn1", CrossAttention(dim, dim, heads, dim_head));
  ff_ = register_module("ff", FeedForward(dim));
  attn2_ = register_module("attn2", CrossAttention(dim, context_dim, heads, dim_head));
  norm1_ = register_module("norm1", nn::LayerNorm(nn::LayerNormOptions({dim})));
  norm2_ = register_module("norm2", nn::LayerNorm(nn::LayerNormOptions({dim})));
  norm3_ = register_module("norm3", nn::LayerNorm(nn::LayerNormOptions({dim})));
}

torch::Tensor TransformerBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& context,
                                            const torch::Tensor& factors, bool before_softmax) {
  const auto y = norm1_(x);
  auto h = attn1_(y, y) + x;
  h = attn2_(norm2_(h), context, factors, before_softmax) + h;
  return ff_(norm3_(h)) + h;
}

SpatialTransformerImpl::SpatialTransformerImpl(int64_t channels, int64_t context_dim, int64_t heads,
                                               int64_t dim_head, int64_t depth) {
  const int64_t inner = heads * dim_head;
  norm_ = register_module("norm", layers::GroupNorm(nn::GroupNormOptions(32, channels).eps(1e-6)));
  proj_in_ = register_module("proj_in", layers::Conv2d(nn::Conv2dOptions(channels, inner, 1)));
  blocks_ = register_module("transformer_blocks", nn::ModuleList());
  for (int64_t i = 0; i < depth; ++i)
    blocks_->push_back(TransformerBlock(inner, context_dim, heads, dim_head));
  proj_out_ = register_module("proj_out", layers::Conv2d(nn::Conv2dOptions(inner, channels, 1)));
}

torch::Tensor SpatialTransformerImpl::forward(const torch::Tensor& x, const torch::Tensor& context,
                                              const AttentionWeights* weights) {
  const int64_t height = x.size(2), width = x.size(3);
  const auto factors =
      weights ? attention_factors(*weights, height, width).to(x.scalar_type()) : torch::Tensor();
  auto h = proj_in_(norm_(x)).flatten(2).transpose(1, 2);  // [B, H W, inner]
  for (const auto& block : *blocks_)
    h = block->as<TransformerBlock>()->forward(h, context, factors, weights && weights->before_softmax);
  return proj_out_->add_to(x, h.transpose(1, 2).reshape({x.size(0), -1, height, width}));
}

}  // namespace kizu::ldm
