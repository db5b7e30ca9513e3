#pragma once
#include "layers/product.h"

namespace kizu::layers {

/// A 3x3 convolution, padded by 1, by minimal filtering (Winograd 1980; F(2x2, 3x3) of Lavin and Gray 2016):
/// 2x2 pixels of the output from 16 products instead of 36, for the price of a weight that is 16/9 as large
/// and of a little more rounding.
struct QuickConvolution {
  const float* map;  ///< [batch, height, width, channels]
  int64_t batch, height, width, channels;
  const float* sum;  ///< added to the output, or null
  float* out;        ///< [batch, height, width, columns of the weight]
};

inline constexpr int64_t kQuickPoints = 16;
/// The weight [out, channels, 3, 3] as 16 matrices, one below the other: depth kQuickPoints * channels.
/// Weights in 16 bits are packed as filters instead, and their points made when they are read: they would not
/// fit in 16.
void pack_quick(PackedMatrix& packed, const float* weight, int64_t channels);
/// The same bytes whatever the threads.
void convolve_quickly(const QuickConvolution& job, const PackedMatrix& packed);

}  // namespace kizu::layers
