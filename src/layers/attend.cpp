#include "layers/attend.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "layers/attend_blocks.h"
#include "layers/attend_gradient.h"
#include "layers/exact.h"
#include "layers/gradient.h"
#include "layers/in_parallel.h"
#include "layers/kernels.h"
#include "layers/library_attention.h"

namespace kizu::layers {
namespace {

torch::Tensor attend_exactly(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                             int64_t heads, const AttendChanges& changes) {
  const auto by_head = [&](const torch::Tensor& y) {
    return y.reshape({y.size(0), y.size(1), heads, -1}).transpose(1, 2);  // [B, heads, N, d]
  };
  const double scale = std::sqrt(static_cast<double>(q.size(2) / heads));
  auto attention = torch::matmul(by_head(q), by_head(k).transpose(2, 3)) / scale;
  const auto& factors = changes.factors;
  if (changes.bias.defined()) attention = attention + changes.bias;
  if (factors.defined() && changes.before_softmax) attention = attention * factors.unsqueeze(1);
  attention = attention.softmax(-1);  // [B, heads, N, L]
  if (factors.defined() && !changes.before_softmax) attention = attention * factors.unsqueeze(1);
  return torch::matmul(attention, by_head(v)).transpose(1, 2).flatten(2);
}

/// All heads of one call. Rows are taken in groups (attend_blocks.h).
class BlockwiseAttention {
 public:
  BlockwiseAttention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, int64_t heads,
                     const AttendChanges& changes)
      : q_(q.contiguous()),
        k_(k.contiguous()),
        v_(v.contiguous()),
        heads_(heads),
        width_(q.size(2) / heads),
        rows_(q.size(1)),
        tokens_(k.size(1)),
        before_(changes.before_softmax) {
    if (changes.bias.defined()) bias_ = changes.bias.contiguous();
    if (changes.factors.defined())
      factors_ = changes.factors.expand({q.size(0), rows_, tokens_}).contiguous();
  }

  torch::Tensor run() {
    const int64_t threads = at::get_num_threads(), all_heads = q_.size(0) * heads_;
    keys_.resize(all_heads);
    values_.resize(all_heads);
    in_parallel(threads, all_heads, [&](int64_t head) { pack(head); });
    out_ = torch::empty_like(q_);
    const int64_t groups = (rows_ + rows_together(tokens_) - 1) / rows_together(tokens_);
    in_parallel(threads, all_heads * groups, [&](int64_t task) {
      const int64_t group = task % groups;
      attend_rows(task / groups, rows_ * group / groups, rows_ * (group + 1) / groups);
    });
    return out_;
  }

 private:
  int64_t stride() const { return heads_ * width_; }
  int64_t blocks() const { return (tokens_ + kBlockDepth - 1) / kBlockDepth; }

  void pack(int64_t head) {
    const int64_t offset = head / heads_ * tokens_ * stride() + head % heads_ * width_;
    keys_[head] = std::make_unique<PackedMatrix>(width_, tokens_, 2);
    keys_[head]->pack_columns(k_.data_ptr<float>() + offset, stride());
    values_[head] = std::make_unique<PackedMatrix>(tokens_, width_);
    values_[head]->pack_rows(v_.data_ptr<float>() + offset, stride());
  }

  void attend_rows(int64_t head, int64_t first, int64_t end) const {
    const int64_t count = end - first;
    thread_local std::vector<float> query, scores;
    query.resize(count * kRowStride);
    scores.resize(blocks() * count * kRowStride);
    const int64_t offset = (head / heads_ * rows_ + first) * stride() + head % heads_ * width_;
    const float scale = 1 / std::sqrt(static_cast<float>(width_));
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < width_; ++j)
        query[i * kRowStride + j] = q_.data_ptr<float>()[offset + i * stride() + j] * scale;
    compare_rows(query.data(), count, *keys_[head], scores.data());
    float sums[64];
    for (int64_t i = 0; i < count; ++i)
      sums[i] = kernels().softmax(row_job(head, first + i, scores.data() + i * kRowStride, count));
    float* out = out_.data_ptr<float>() + offset;
    collect_rows(scores.data(), count, *values_[head], {out, stride()});
    for (int64_t i = 0; i < count; ++i) {
      const float factor = 1 / sums[i];
      for (int64_t j = 0; j < width_; ++j) out[i * stride() + j] *= factor;
    }
  }

  SoftmaxJob row_job(int64_t head, int64_t row, float* scores, int64_t count) const {
    const float* bias = bias_.defined() ? bias_.data_ptr<float>() + row * tokens_ : nullptr;
    const float* factors =
        factors_.defined() ? factors_.data_ptr<float>() + (head / heads_ * rows_ + row) * tokens_ : nullptr;
    return {
        scores, tokens_, count * kRowStride, bias, before_ ? factors : nullptr, before_ ? nullptr : factors};
  }

  torch::Tensor q_, k_, v_, bias_, factors_, out_;
  int64_t heads_, width_, rows_, tokens_;
  bool before_;
  std::vector<std::unique_ptr<PackedMatrix>> keys_, values_;
};

}  // namespace

torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, int64_t heads,
                     const AttendChanges& changes) {
  const bool fits = q.size(2) / heads <= kBlockDepth && q.size(1) > 0 && k.size(1) > 0;
  const auto wants = [](const torch::Tensor& each) { return each.defined() && each.requires_grad(); };
  const bool recording = torch::GradMode::is_enabled();
  if (q.is_cuda() && !is_exact() && !changes.factors.defined() && has_library_attention())
    return library_attention(q, k, v, heads, changes.bias);
  const bool unlike = changes.factors.defined() || wants(changes.bias);  // what attend_gradient does not do
  if (!fits || !fast_path({q, k, v, changes.bias, changes.factors}) || (recording && unlike))
    return attend_exactly(q, k, v, heads, changes);
  torch::Tensor out;
  {
    const torch::NoGradGuard no_grad;
    out = BlockwiseAttention(q, k, v, heads, changes).run();
  }
  return with_gradient(
      out, {q, k, v},
      [q = Kept(q), k = Kept(k), v = Kept(v), heads, bias = changes.bias](const torch::Tensor& dy) {
        return attend_gradient(q.get(), k.get(), v.get(), heads, bias, dy);
      });
}

}  // namespace kizu::layers
