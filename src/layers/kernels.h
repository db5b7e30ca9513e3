#pragma once
#include <cstdint>
#include <vector>

namespace kizu::layers {

/// Columns of the left matrix that a block holds at most.
inline constexpr int64_t kBlockDepth = 512;
/// Its rows lie this many floats apart: a bit more than they hold, so that they do not share cache sets.
inline constexpr int64_t kRowStride = kBlockDepth + 16;

/// One tile of a product: c[i][j] = (sum over k of a[i][k] b[k][j], in the order of k) + (bias[j] +
/// start[i][j]). Bias and start may be null; start may be c.
struct TileJob {
  const float* a;  // [rows, depth], rows kRowStride apart
  const float* b;  // [depth, width], dense
  int64_t depth;
  const float* bias;   // [width]
  const float* start;  // [rows, width], rows start_stride apart
  int64_t start_stride;
  float* c;  // [rows, width], rows c_stride apart
  int64_t c_stride;
};
using Tile = void (*)(const TileJob&);

inline constexpr int kMostVectors = 3, kMostRows = 14;

/// One row of an attention: scores of all tokens become exp(score - largest), times the factors.
struct SoftmaxJob {
  float* scores;  // [tokens], cut into blocks of kBlockDepth columns that lie block_stride floats apart
  int64_t tokens, block_stride;
  const float* bias;    // [tokens] or null: added to the scores
  const float* before;  // [tokens] or null: multiplies the scores
  const float* after;   // [tokens] or null: multiplies the exponentials, but not their sum
};

/// One row of an attention in its backward pass. The exponentials and the gradient for the probabilities are
/// blocks of kBlockDepth columns as in SoftmaxJob. What comes out, P and P (gradient - sum of P gradient), is
/// written to panels of `width` tokens, `apart` floats from one to the next, zeros behind the last token;
/// the second also over the gradient.
struct SoftmaxGradientJob {
  const float* exponentials;
  float* gradient;
  int64_t tokens, block_stride;
  float factor;  ///< 1 / sum of the exponentials
  float *probabilities, *changes;
  int64_t width, apart;
};

/// Channels of a group norm in its backward pass: x and gradient [pixels, channels] with rows `stride` apart,
/// the rest per channel. x scale + shift is the value of mean 0 and variance 1 (the unit value).
struct NormGradientJob {
  const float *x, *gradient;
  int64_t pixels, stride, channels;
  const float *scale, *shift, *weight, *bias;
  bool silu;
};

/// Where a vector of channels of the 4x4 or 2x2 pixels of one piece lies; null where there is no such pixel.
struct PiecePixels {
  const float* in[16];
  float* out[4];
};

/// From numbers of one kind (number.h) to float32, exactly. Counts are multiples of the lanes.
struct Widening {
  /// to = (a + b) + (c + d) for taps {a, b, c, d}, of which the last three may be null: then they are left
  /// out.
  void (*sum)(const void* const taps[4], int64_t count, float* to);
  /// The 16 points (quick_convolution.h) of 3x3 taps that lie `taps_apart` numbers from each other; the
  /// points `apart` floats. The same bytes whatever kind the taps' numbers are kept in.
  void (*points)(const void* taps, int64_t taps_apart, int64_t count, float* points, int64_t apart);
};

/// The inner loops, written once (kernels_code.h) and compiled for several kinds of processors. A tile is as
/// wide as 1 to kMostVectors vectors and as high as 1 to most_rows[vectors - 1] rows.
struct Kernels {
  const char* name;
  int64_t lanes;  ///< floats in a vector
  int most_rows[kMostVectors];
  Tile tiles[kMostVectors][kMostRows];
  /// Returns the sum of the exponentials.
  float (*softmax)(const SoftmaxJob&);
  /// Adds to sum and squares, per channel, x - pivot and its square over the pixels: x [pixels, channels]
  /// with rows `stride` apart.
  void (*channel_sums)(const float* x, int64_t pixels, int64_t stride, int64_t channels, const float* pivot,
                       double* sum, double* squares);
  /// y = x scale + shift, then y sigmoid(y) if `silu`: x and y [pixels, channels], dense.
  void (*scale_shift)(const float* x, int64_t pixels, int64_t channels, const float* scale,
                      const float* shift, bool silu, float* y);
  /// Minimal filtering of 3x3 by 2x2 pixels at a time (quick_convolution.h): the 4x4 pixels of a piece to its
  /// 16 points, `apart` floats from one point to the next; null pixels are zeros.
  void (*to_points)(const PiecePixels& pixels, int64_t channels, float* points, int64_t apart);
  /// Its 16 points to 2x2 pixels of the output, plus bias and the sums' pixels where they are not null;
  /// output pixels that are null are left out.
  void (*from_points)(const float* points, int64_t apart, int64_t channels, const float* bias,
                      const float* const sums[4], const PiecePixels& pixels);
  /// y = value gelu(gate) with the exact GELU.
  void (*gated)(const float* value, const float* gate, int64_t count, float* y);
  Widening float32, float16, bfloat16;
  /// Its gradients for both, given that for y.
  void (*gated_gradient)(const float* value, const float* gate, const float* gradient, int64_t count,
                         float* of_value, float* of_gate);
  /// y = gelu(x), exact or approximated by x sigmoid(1.702 x), and its gradient.
  void (*gelu)(const float* x, int64_t count, bool approximate, float* y);
  void (*gelu_gradient)(const float* x, const float* gradient, int64_t count, bool approximate, float* of_x);
  /// to[j][i] = from[i][j] for `rows` rows i and `columns` columns j.
  void (*transpose)(const float* from, int64_t from_stride, int64_t rows, int64_t columns, float* to,
                    int64_t to_stride);
  void (*softmax_gradient)(const SoftmaxGradientJob& job);
  /// Per channel, summed over the pixels: the gradient behind the activation, and that times the unit value.
  void (*norm_sums)(const NormGradientJob& job, double* sum, double* products);
  /// out = factor gradient - shift - slope unit value, each given per channel; out [pixels, channels].
  void (*norm_gradient)(const NormGradientJob& job, const float* factor, const float* shift,
                        const float* slope, float* out);
};

/// All that this processor can run, the fastest last.
std::vector<Kernels> runnable_kernels();
/// The fastest.
const Kernels& kernels();

}  // namespace kizu::layers
