#include "layers/attend_gradient.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "layers/attend_blocks.h"
#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

/// Rows of one head in a memory [.., heads * width].
struct HeadRows {
  float* data;
  int64_t stride;
};

/// One head of one picture. Similarities of `group` rows at a time stay in a core's second cache: as a left
/// matrix, in blocks of kBlockDepth tokens, and as a right matrix, in panels of tokens.
class HeadGradient {
 public:
  HeadGradient(int64_t rows, int64_t tokens, int64_t width, const HeadRows& k, const HeadRows& v,
               const float* bias)
      : rows_(rows),
        tokens_(tokens),
        width_(width),
        bias_(bias),
        group_(rows_together(tokens)),
        keys_(width, tokens, 2),
        values_(width, tokens, 2),
        key_rows_(tokens, width),
        panel_width_(2 * kernels().lanes),
        panels_((tokens + panel_width_ - 1) / panel_width_),
        left_((tokens + kBlockDepth - 1) / kBlockDepth * group_ * kRowStride),
        left_changes_(left_.size()),
        right_(panels_ * group_ * panel_width_),
        right_changes_(right_.size()),
        of_k_(width * panels_ * panel_width_),
        of_v_(of_k_.size()),
        query_(group_ * kRowStride),
        gradient_(query_.size()),
        turned_(width * kRowStride) {
    keys_.pack_columns(k.data, k.stride);
    values_.pack_columns(v.data, v.stride);
    key_rows_.pack_rows(k.data, k.stride);
  }

  void run(const HeadRows& q, const HeadRows& gradient, const HeadRows& of_q) {
    const int64_t groups = (rows_ + group_ - 1) / group_;
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t first = rows_ * g / groups, count = rows_ * (g + 1) / groups - first;
      copy(q, first, count, scale(), query_);
      copy(gradient, first, count, 1, gradient_);
      compare_rows(query_.data(), count, keys_, left_.data());
      compare_rows(gradient_.data(), count, values_, left_changes_.data());
      for (int64_t i = 0; i < count; ++i) change_row(first, i, count);
      add_turned(gradient_, right_, count, of_v_);
      add_turned(query_, right_changes_, count, of_k_);
      float* out = of_q.data + first * of_q.stride;
      collect_rows(left_changes_.data(), count, key_rows_, {out, of_q.stride});
      for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j < width_; ++j) out[i * of_q.stride + j] *= scale();
    }
  }

  void write(const HeadRows& of_k, const HeadRows& of_v) const {
    const int64_t stride = panels_ * panel_width_;
    kernels().transpose(of_k_.data(), stride, width_, tokens_, of_k.data, of_k.stride);
    kernels().transpose(of_v_.data(), stride, width_, tokens_, of_v.data, of_v.stride);
  }

 private:
  using Floats = std::vector<float>;

  float scale() const { return 1 / std::sqrt(static_cast<float>(width_)); }

  void copy(const HeadRows& from, int64_t first, int64_t count, float factor, Floats& to) const {
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < width_; ++j)
        to[i * kRowStride + j] = from.data[(first + i) * from.stride + j] * factor;
  }

  void change_row(int64_t first, int64_t i, int64_t count) {
    const int64_t block_stride = count * kRowStride;
    float* scores = left_.data() + i * kRowStride;
    const float* bias = bias_ ? bias_ + (first + i) * tokens_ : nullptr;
    const float sum = kernels().softmax({scores, tokens_, block_stride, bias, nullptr, nullptr});
    kernels().softmax_gradient({scores, left_changes_.data() + i * kRowStride, tokens_, block_stride, 1 / sum,
                                right_.data() + i * panel_width_, right_changes_.data() + i * panel_width_,
                                panel_width_, group_ * panel_width_});
  }

  /// sums [width, tokens] += rows^T * right.
  void add_turned(const Floats& rows, const Floats& right, int64_t count, Floats& sums) {
    kernels().transpose(rows.data(), kRowStride, count, width_, turned_.data(), kRowStride);
    const auto& all = kernels();
    const int64_t highest = all.most_rows[1], tiles = (width_ + highest - 1) / highest;
    const int64_t stride = panels_ * panel_width_;
    for (int64_t p = 0; p < panels_; ++p) {
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t first = width_ * t / tiles, end = width_ * (t + 1) / tiles;
        float* at = sums.data() + first * stride + p * panel_width_;
        all.tiles[1][end - first - 1]({turned_.data() + first * kRowStride,
                                       right.data() + p * group_ * panel_width_, count, nullptr, at, stride,
                                       at, stride});
      }
    }
  }

  int64_t rows_, tokens_, width_;
  const float* bias_;
  int64_t group_;
  PackedMatrix keys_, values_, key_rows_;
  int64_t panel_width_, panels_;
  Floats left_, left_changes_, right_, right_changes_, of_k_, of_v_, query_, gradient_, turned_;
};

}  // namespace

std::vector<torch::Tensor> attend_gradient(const torch::Tensor& q_in, const torch::Tensor& k_in,
                                           const torch::Tensor& v_in, int64_t heads,
                                           const torch::Tensor& bias_in, const torch::Tensor& gradient_in) {
  const auto q = q_in.contiguous(), k = k_in.contiguous(), v = v_in.contiguous();
  const auto gradient = gradient_in.contiguous();
  const auto bias = bias_in.defined() ? bias_in.contiguous() : bias_in;
  const int64_t stride = q.size(2), width = stride / heads, rows = q.size(1), tokens = k.size(1);
  const auto of_q = torch::empty_like(q), of_k = torch::empty_like(k), of_v = torch::empty_like(v);
  in_parallel(at::get_num_threads(), q.size(0) * heads, [&](int64_t head) {
    const auto part = [&](const torch::Tensor& all, int64_t length) {
      return HeadRows{all.data_ptr<float>() + head / heads * length * stride + head % heads * width, stride};
    };
    HeadGradient one(rows, tokens, width, part(k, tokens), part(v, tokens),
                     bias.defined() ? bias.data_ptr<float>() : nullptr);
    one.run(part(q, rows), part(gradient, rows), part(of_q, rows));
    one.write(part(of_k, tokens), part(of_v, tokens));
  });
  return {of_q, of_k, of_v};
}

}  // namespace kizu::layers
