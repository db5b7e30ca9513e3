#include "layers/packed_matrix.h"

#include <ATen/Parallel.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

constexpr size_t kLargePage = size_t{2} << 20;

/// Two vectors keep the processor busiest; one or three where that leaves fewer columns empty.
int vectors_for(int64_t columns, int most) {
  const auto padded = [&](int vectors) {
    const int64_t width = vectors * kernels().lanes;
    return (columns + width - 1) / width * width;
  };
  int best = 2;
  for (const int other : {3, 1})
    if (other <= most && padded(other) < padded(best)) best = other;
  return best;
}

}  // namespace

FloatBuffer::FloatBuffer(int64_t count) {
  const size_t bytes = static_cast<size_t>(std::max<int64_t>(count, 1)) * sizeof(float);
  const bool large = bytes >= kLargePage;
  void* memory = nullptr;
  if (posix_memalign(&memory, large ? kLargePage : 64, bytes) != 0) throw std::bad_alloc();
  // Only whole large pages, so that no memory is spent on their last part. It is a wish: it may fail.
  if (large) (void)madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
  data_.reset(static_cast<float*>(memory));
}

void FloatBuffer::Free::operator()(float* memory) const {
  std::free(memory);
}

PackedMatrix::PackedMatrix(int64_t depth, int64_t columns, int most_vectors)
    : depth_(depth),
      columns_(columns),
      vectors_(vectors_for(columns, most_vectors)),
      width_(vectors_ * kernels().lanes),
      data_(panels() * depth * width_) {}

/// row(k, first, used, to) writes columns [first, first + used) of row k.
template <class Row>
void PackedMatrix::fill(Row row) {
  in_parallel(at::get_num_threads(), panels(), [&](int64_t p) {
    const int64_t first = p * width_, used = std::min(width_, columns_ - first);
    float* to = data_.data() + p * depth_ * width_;
    for (int64_t k = 0; k < depth_; ++k, to += width_) {
      row(k, first, used, to);
      std::fill(to + used, to + width_, 0.0F);
    }
  });
}

void PackedMatrix::pack_columns(const float* rows, int64_t stride) {
  fill([&](int64_t k, int64_t first, int64_t used, float* to) {
    const float* from = rows + first * stride + k;
    for (int64_t j = 0; j < used; ++j, from += stride) to[j] = *from;
  });
}

void PackedMatrix::pack_rows(const float* rows, int64_t stride) {
  fill([&](int64_t k, int64_t first, int64_t used, float* to) {
    std::copy_n(rows + k * stride + first, used, to);
  });
}

void PackedMatrix::pack_filters(const float* weight, int64_t channels, int64_t taps) {
  fill([&](int64_t k, int64_t first, int64_t used, float* to) {
    const float* from = weight + (first * channels + k % channels) * taps + k / channels;
    for (int64_t j = 0; j < used; ++j, from += channels * taps) to[j] = *from;
  });
}

void PackedMatrix::set_bias(const float* bias) {
  bias_.assign(static_cast<size_t>(panels() * width_), 0.0F);
  std::copy(bias, bias + columns_, bias_.begin());
}

}  // namespace kizu::layers
