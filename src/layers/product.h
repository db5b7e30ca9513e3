#pragma once
#include <cstdint>
#include <functional>

#include "layers/packed_matrix.h"

namespace kizu::layers {

/// The left matrix of a product: writes its rows [row, row + rows) of columns [k, k + depth) into a block
/// whose rows lie kRowStride apart; depth is at most kBlockDepth.
using LeftBlock = std::function<void(int64_t row, int64_t rows, int64_t k, int64_t depth, float* block)>;

/// Rows that lie `stride` floats apart.
LeftBlock rows_of(const float* data, int64_t stride);

/// The neighbourhoods that a convolution looks at, in a map [batch, height, width, channels]: one row for
/// every pixel of the output, columns (ky, kx, channel), zeros outside of the map.
struct Patches {
  const float* map;
  int64_t height, width, channels;
  int64_t out_height, out_width;
  int64_t kernel_height, kernel_width;
  int64_t stride, top, left;  ///< padding above and to the left
};
LeftBlock patches_of(const Patches& patches);

/// A matrix in memory; null stands for zeros.
struct Place {
  float* data = nullptr;
  int64_t stride = 0;
};

/// out = left * right + the bias of right + start, [rows, right.columns()]; start may be out. Every number is
/// summed in the order of the columns of left, whatever the threads, the rows and the tiles: the same bytes.
void multiply(int64_t rows, const LeftBlock& left, const PackedMatrix& right, Place start, Place out);

/// c[rows, right.width()] of one panel: all rows in tiles of about equal height.
struct PanelJob {
  const float* block;  ///< the left matrix's rows
  int64_t rows;
  const float* right;  ///< the panel's rows, [depth, right.width()]
  int64_t depth;
  const float* bias;
  Place start, out;
};
void multiply_panel(const PanelJob& job, const PackedMatrix& right, int64_t panel);

/// Room for the rows of one panel that are widened, of this thread.
float* panel_of_this_thread();

}  // namespace kizu::layers
