#pragma once
#include <algorithm>
#include <cstdint>

#include "layers/kernels.h"
#include "layers/product.h"

namespace kizu::layers {

/// Rows of an attention that are taken together: their similarities stay in a core's second cache.
inline int64_t rows_together(int64_t tokens) {
  return tokens <= 2048 ? 56 : 28;
}

/// The similarities rows * right, for `count` rows of the width of right's columns: blocks of kBlockDepth
/// tokens [count, kBlockDepth], whose rows lie kRowStride apart. Panels of right are of one or two vectors,
/// which divide a block.
inline void compare_rows(const float* rows, int64_t count, const PackedMatrix& right, float* similarities) {
  for (int64_t p = 0; p < right.panels(); ++p) {
    const int64_t token = p * right.width();
    float* block = similarities + token / kBlockDepth * count * kRowStride + token % kBlockDepth;
    const float* panel = right.rows(p, 0, right.depth(), nullptr);
    multiply_panel({rows, count, panel, right.depth(), nullptr, {}, {block, kRowStride}}, right, p);
  }
}

/// out = shares * right, for shares that lie as the similarities of compare_rows do.
inline void collect_rows(const float* shares, int64_t count, const PackedMatrix& right, Place out) {
  for (int64_t k = 0; k < right.depth(); k += kBlockDepth) {
    const float* block = shares + k / kBlockDepth * count * kRowStride;
    const int64_t depth = std::min(kBlockDepth, right.depth() - k);
    for (int64_t p = 0; p < right.panels(); ++p) {
      const Place at{out.data + p * right.width(), out.stride};
      const float* panel = right.rows(p, k, depth, nullptr);
      multiply_panel({block, count, panel, depth, nullptr, k == 0 ? Place{} : at, at}, right, p);
    }
  }
}

}  // namespace kizu::layers
