#pragma once
#include "layers/product.h"

namespace kizu::layers {

/// A 3x3 convolution, padded by 1, by minimal filtering (Winograd 1980; F(2x2, 3x3) of Lavin and Gray 2016):
/// 2x2 pixels of the output from 16 products instead of 36, for the price of making the weight's points and
/// of a little more rounding.
struct QuickConvolution {
  const float* map;  ///< [batch, height, width, channels]
  int64_t batch, height, width, channels;
  const float* sum;  ///< added to the output, or null
  float* out;        ///< [batch, height, width, columns of the weight]
};

inline constexpr int64_t kQuickPoints = 16;
/// The weight [columns, channels, 3, 3]: small ones as 16 matrices of points in float32, one below the other,
/// depth kQuickPoints * channels; others as filters, depth 9 * channels, in their own numbers, whose points
/// are made each time they are read.
std::shared_ptr<PackedMatrix> pack_quick(const void* weight, Number number, int64_t channels,
                                         int64_t columns);
/// The same bytes whatever the threads.
void convolve_quickly(const QuickConvolution& job, const PackedMatrix& packed);

}  // namespace kizu::layers
