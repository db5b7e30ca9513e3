#include "ldm/compact_blocks.h"

#include <cmath>

namespace kizu::ldm {
namespace F = torch::nn::functional;

FilmResBlock::FilmResBlock(int64_t in, int64_t out, int64_t time_dim) {
  norm1 = register_module("norm1", layers::GroupNormSiLU(8, in));
  conv1 = register_module("conv1", layers::conv3x3(in, out));
  film = register_module("film", layers::Linear(time_dim, 2 * out));
  norm2 = register_module("norm2", layers::GroupNorm(8, out));
  conv2 = register_module("conv2", layers::conv3x3(out, out));
  torch::nn::init::zeros_(conv2->weight);
  if (in != out) skip = register_module("skip", layers::Conv2d(torch::nn::Conv2dOptions(in, out, 1)));
}

torch::Tensor FilmResBlock::forward(const torch::Tensor& x, const torch::Tensor& time) {
  auto h = conv1(norm1(x));
  const auto scale_shift = film(time).unsqueeze(-1).unsqueeze(-1).chunk(2, 1);  // 2 x [B, out, 1, 1]
  h = conv2(torch::silu(norm2(h) * (1 + scale_shift[0]) + scale_shift[1]));
  return (skip ? skip(x) : x) + h;
}

Attention::Attention(int64_t dim, int64_t source_dim, int64_t heads) : heads_(heads) {
  q = register_module("q", layers::Linear(torch::nn::LinearOptions(dim, dim).bias(false)));
  k = register_module("k", layers::Linear(torch::nn::LinearOptions(source_dim, dim).bias(false)));
  v = register_module("v", layers::Linear(torch::nn::LinearOptions(source_dim, dim).bias(false)));
  o = register_module("o", layers::Linear(dim, dim));
  torch::nn::init::zeros_(o->weight);
}

torch::Tensor Attention::forward(const torch::Tensor& query, const torch::Tensor& source,
                                 const torch::Tensor& weights, const AttentionMap* map) {
  const int64_t batch = query.size(0), dim = query.size(2), width = dim / heads_;
  const auto split = [&](const torch::Tensor& x) {
    return x.view({batch, -1, heads_, width}).transpose(1, 2);  // [B, heads, N, width]
  };
  auto logits =
      split(q(query)).matmul(split(k(source)).transpose(2, 3)) / std::sqrt(static_cast<double>(width));
  torch::Tensor columns;  // [B, 1, N, M]: what each pixel's attention to each token is multiplied by
  if (map != nullptr) {
    columns = torch::ones({batch, 1, query.size(1), source.size(1)}, weights.options());
    columns.slice(3, map->first_token, map->end_token).copy_(weights.unsqueeze(1).unsqueeze(3));
    if (map->on_logits) logits = logits * columns;
  }
  auto attention = logits.softmax(-1);
  if (map != nullptr && !map->on_logits) attention = attention * columns;
  return o(attention.matmul(split(v(source))).transpose(1, 2).reshape({batch, -1, dim}));
}

TokenBlock::TokenBlock(int64_t channels, int64_t context_dim, int64_t heads) {
  const auto norm = [&] { return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels})); };
  norm1 = register_module("norm1", norm());
  self = register_module("self", std::make_shared<Attention>(channels, channels, heads));
  norm2 = register_module("norm2", norm());
  cross = register_module("cross", std::make_shared<Attention>(channels, context_dim, heads));
  norm3 = register_module("norm3", norm());
  wide = register_module("wide", layers::Linear(channels, 2 * channels));
  narrow = register_module("narrow", layers::Linear(2 * channels, channels));
  torch::nn::init::zeros_(narrow->weight);
}

torch::Tensor TokenBlock::forward(const torch::Tensor& x, const torch::Tensor& context,
                                  const AttentionMap* map) {
  const int64_t height = x.size(2), width = x.size(3);
  auto tokens = x.flatten(2).transpose(1, 2).contiguous();  // [B, h*w, C]
  const auto normed = norm1(tokens);
  tokens = tokens + self->forward(normed, normed);
  torch::Tensor weights;
  if (map != nullptr) {
    const auto size =
        F::InterpolateFuncOptions().size(std::vector<int64_t>{height, width}).mode(torch::kArea);
    weights = F::interpolate(map->weights, size).flatten(1);  // [B, h*w]
  }
  tokens = tokens + cross->forward(norm2(tokens), context, weights, map);
  tokens = tokens + narrow(torch::gelu(wide(norm3(tokens))));
  return tokens.transpose(1, 2).reshape({x.size(0), x.size(1), height, width});
}

}  // namespace kizu::ldm
