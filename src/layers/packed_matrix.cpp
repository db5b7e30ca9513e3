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

/// The taps along one side that the first or second pixel of a doubled one adds up, for each of its two.
constexpr int kFoldedSide[2][2][2] = {{{0, -1}, {1, 2}}, {{0, 1}, {2, -1}}};

FoldedTap folded_tap(const int rows[2], const int columns[2]) {
  const auto tap = [&](int i, int j) {
    return rows[i] < 0 || columns[j] < 0 ? -1 : 3 * rows[i] + columns[j];
  };
  return {tap(0, 0), tap(1, 0), tap(0, 1), tap(1, 1)};
}

}  // namespace

Buffer::Buffer(size_t bytes) : bytes_(bytes) {
  bytes = std::max<size_t>(bytes, 64);
  const bool large = bytes >= kLargePage;
  void* memory = nullptr;
  if (posix_memalign(&memory, large ? kLargePage : 64, bytes) != 0) throw std::bad_alloc();
  // Only whole large pages, so that no memory is spent on their last part. It is a wish: it may fail.
  if (large) (void)madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
  data_.reset(memory);
}

void Buffer::Free::operator()(void* memory) const {
  std::free(memory);
}

PackedMatrix::PackedMatrix(int64_t depth, int64_t columns, int most_vectors, Number number)
    : depth_(depth),
      columns_(columns),
      vectors_(vectors_for(columns, most_vectors)),
      width_(vectors_ * kernels().lanes),
      number_(number),
      kept_depth_(depth),
      data_(std::make_shared<Buffer>(static_cast<size_t>(panels() * depth * width_) *
                                     (number == Number::kFloat32 ? 4 : 2))) {}

/// row(k, first, used, to) writes columns [first, first + used) of row k.
template <class Type, class Row>
void PackedMatrix::fill(Row row) {
  in_parallel(at::get_num_threads(), panels(), [&](int64_t p) {
    const int64_t first = p * width_, used = std::min(width_, columns_ - first);
    Type* to = data_->as<Type>() + p * depth_ * width_;
    for (int64_t k = 0; k < depth_; ++k, to += width_) {
      row(k, first, used, to);
      std::fill(to + used, to + width_, Type{});
    }
  });
}

/// work(the numbers as what they are; 16 bits are only moved).
template <class Work>
void PackedMatrix::in_own_type(const void* numbers, Work work) {
  number_ == Number::kFloat32 ? work(static_cast<const float*>(numbers))
                              : work(static_cast<const uint16_t*>(numbers));
}

template <class Type>
using NumberAt = std::remove_const_t<std::remove_pointer_t<Type>>;

void PackedMatrix::pack_columns(const void* numbers, int64_t stride) {
  in_own_type(numbers, [&](auto rows) {
    using Type = NumberAt<decltype(rows)>;
    fill<Type>([&](int64_t k, int64_t first, int64_t used, Type* to) {
      const Type* from = rows + first * stride + k;
      for (int64_t j = 0; j < used; ++j, from += stride) to[j] = *from;
    });
  });
}

void PackedMatrix::pack_rows(const void* numbers, int64_t stride) {
  in_own_type(numbers, [&](auto rows) {
    using Type = NumberAt<decltype(rows)>;
    fill<Type>([&](int64_t k, int64_t first, int64_t used, Type* to) {
      std::copy_n(rows + k * stride + first, used, to);
    });
  });
}

void PackedMatrix::pack_filters(const void* numbers, int64_t channels, int64_t taps) {
  in_own_type(numbers, [&](auto weight) {
    using Type = NumberAt<decltype(weight)>;
    fill<Type>([&](int64_t k, int64_t first, int64_t used, Type* to) {
      const Type* from = weight + (first * channels + k % channels) * taps + k / channels;
      for (int64_t j = 0; j < used; ++j, from += channels * taps) to[j] = *from;
    });
  });
}

void PackedMatrix::set_bias(const float* bias) {
  bias_.assign(static_cast<size_t>(panels() * width_), 0.0F);
  std::copy(bias, bias + columns_, bias_.begin());
}

PackedMatrix PackedMatrix::folded(bool lower, bool right) const {
  PackedMatrix four = *this;
  four.depth_ = kept_depth_ / 9 * 4;
  four.is_folded_ = true;
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 2; ++x)
      four.taps_[2 * y + x] = folded_tap(kFoldedSide[lower][y], kFoldedSide[right][x]);
  return four;
}

const Widening& PackedMatrix::widening() const {
  return number_ == Number::kFloat16    ? kernels().float16
         : number_ == Number::kBFloat16 ? kernels().bfloat16
                                        : kernels().float32;
}

const void* PackedMatrix::kept(int64_t panel, int64_t k) const {
  return data_->as<char>() + (panel * kept_depth_ + k) * width_ * (number_ == Number::kFloat32 ? 4 : 2);
}

const float* PackedMatrix::rows(int64_t panel, int64_t k, int64_t depth, float* room) const {
  if (!is_folded_) {
    const void* const alone[4] = {kept(panel, k)};
    if (number_ == Number::kFloat32) return static_cast<const float*>(alone[0]);
    widening().sum(alone, depth * width_, room);
    return room;
  }
  const int64_t channels = depth_ / 4;
  for (int64_t at = k; at < k + depth;) {
    const int64_t tap = at / channels, c = at % channels, count = std::min(k + depth - at, channels - c);
    const void* added[4];
    for (int i = 0; i < 4; ++i)
      added[i] = taps_[tap][i] < 0 ? nullptr : kept(panel, taps_[tap][i] * channels + c);
    widening().sum(added, count * width_, room + (at - k) * width_);
    at += count;
  }
  return room;
}

void PackedMatrix::points(int64_t panel, int64_t c, int64_t depth, float* points, int64_t apart) const {
  widening().points(kept(panel, c), depth_ / 9 * width_, depth * width_, points, apart);
}

}  // namespace kizu::layers
