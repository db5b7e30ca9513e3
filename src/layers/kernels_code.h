// The inner loops for vectors of KIZU_LANES floats and KIZU_REGISTERS registers. Included by kernels_*.cpp,
// each compiled for one kind of processor; everything here has internal linkage, so that the linker never
// mixes them.
#include <cstddef>
#if defined(__F16C__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "layers/kernels.h"

namespace kizu::layers {
namespace {

constexpr int kLanes = KIZU_LANES;
typedef float V __attribute__((vector_size(4 * KIZU_LANES), aligned(4), may_alias));
typedef int32_t I __attribute__((vector_size(4 * KIZU_LANES), aligned(4), may_alias));
typedef double D __attribute__((vector_size(8 * KIZU_LANES), aligned(8), may_alias));

inline V load(const float* from) {
  return *reinterpret_cast<const V*>(from);
}
inline void store(float* to, V value) {
  *reinterpret_cast<V*>(to) = value;
}
inline V all(float value) {
  return value - V{};
}

#include "layers/kernels_widen.h"

/// A tile keeps rows * vectors sums, the vectors of b and one value of a in registers.
constexpr int most_rows(int vectors) {
  const int fit = (KIZU_REGISTERS - vectors - 1) / vectors;
  return fit < kMostRows ? fit : kMostRows;
}

template <int rows, int vectors>
void tile(const TileJob& job) {
  V sums[rows][vectors]{};
  const float* a = job.a;
  const float* b = job.b;
#pragma GCC unroll 2
  for (int64_t k = 0; k < job.depth; ++k) {
    V column[vectors];
#pragma GCC unroll 16
    for (int v = 0; v < vectors; ++v) column[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v) sums[i][v] += a[i * kRowStride] * column[v];
    }
    ++a;
    b += vectors * kLanes;
  }
  // Added last: sums of at most kBlockDepth products are added up, which is more exact than one long sum.
#pragma GCC unroll 16
  for (int v = 0; v < vectors; ++v) {
    const V bias = job.bias ? load(job.bias + v * kLanes) : V{};
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const V start = job.start ? bias + load(job.start + i * job.start_stride + v * kLanes) : bias;
      store(job.c + i * job.c_stride + v * kLanes, sums[i][v] + start);
    }
  }
}

template <int vectors, int rows = 1>
void list_tiles(Tile* into) {
  if constexpr (rows <= most_rows(vectors)) {
    into[rows - 1] = tile<rows, vectors>;
    list_tiles<vectors, rows + 1>(into);
  }
}

/// e^x to 2 units in the last place; 0 below -87 (Cephes' expf).
inline V exponential(V x) {
  const V low = all(-87.0F), high = all(88.0F);
  const V bounded = x < low ? low : (x > high ? high : x);
  const float to_integer = 12582912.0F;  // 1.5 * 2^23: adding it rounds
  const V n = (bounded * 1.44269504F + to_integer) - to_integer;
  const V r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F;
  V p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const I power = (__builtin_convertvector(n, I) + 127) << 23;
  return x < low ? V{} : p * reinterpret_cast<const V&>(power);
}

/// The error function as a quotient of polynomials on [-4, 4] (the coefficients of Eigen and XLA).
inline V error_function(V x) {
  x = x < all(-4.0F) ? all(-4.0F) : (x > all(4.0F) ? all(4.0F) : x);
  const V s = x * x;
  V p = s * -2.72614225801306e-10F + 2.77068142495902e-08F;
  p = p * s + -2.10102402082508e-06F;
  p = p * s + -5.69250639462346e-05F;
  p = p * s + -7.34990630326855e-04F;
  p = p * s + -2.95459980854025e-03F;
  p = p * s + -1.60960333262415e-02F;
  V q = s * -1.45660718464996e-05F + -2.13374055278905e-04F;
  q = q * s + -1.68282697438203e-03F;
  q = q * s + -7.37332916720468e-03F;
  q = q * s + -1.42647390514189e-02F;
  return x * p / q;
}

/// Calls step(vector, first) for whole vectors and rest(first) for what remains.
template <class Step, class Rest>
inline void in_vectors(int64_t count, Step step, Rest rest) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) step(i);
  if (i < count) rest(i);
}

/// A vector of which only the first `count` floats may be read or written.
inline V load_part(const float* from, int64_t count) {
  V value{};
  __builtin_memcpy(&value, from, static_cast<size_t>(count) * 4);
  return value;
}
inline void store_part(float* to, V value, int64_t count) {
  __builtin_memcpy(to, &value, static_cast<size_t>(count) * 4);
}

inline float largest(V value) {
  float most = value[0];
  for (int i = 1; i < kLanes; ++i) most = value[i] > most ? value[i] : most;
  return most;
}
inline float total(V value) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += value[i];
  return sum;
}

/// Calls part(scores, first token, number) for every block of a row.
template <class Part>
inline void by_block(const SoftmaxJob& job, Part part) {
  float* scores = job.scores;
  for (int64_t first = 0; first < job.tokens; first += kBlockDepth, scores += job.block_stride)
    part(scores, first, job.tokens - first < kBlockDepth ? job.tokens - first : kBlockDepth);
}

inline V change(const SoftmaxJob& job, V score, int64_t token, int64_t count) {
  if (job.bias) score += count == kLanes ? load(job.bias + token) : load_part(job.bias + token, count);
  if (job.before) score *= count == kLanes ? load(job.before + token) : load_part(job.before + token, count);
  return score;
}

float softmax(const SoftmaxJob& job) {
  const V lowest = all(-3.4e38F);
  V most = lowest;
  by_block(job, [&](float* scores, int64_t first, int64_t count) {
    in_vectors(
        count,
        [&](int64_t i) {
          const V score = change(job, load(scores + i), first + i, kLanes);
          store(scores + i, score);
          most = score > most ? score : most;
        },
        [&](int64_t i) {
          const int64_t left = count - i;
          const V score = change(job, load_part(scores + i, left), first + i, left);
          store_part(scores + i, score, left);
          V counted = lowest;
          __builtin_memcpy(&counted, &score, static_cast<size_t>(left) * 4);
          most = counted > most ? counted : most;
        });
  });
  const float shift = largest(most);
  V sum{};
  by_block(job, [&](float* scores, int64_t first, int64_t count) {
    in_vectors(
        count,
        [&](int64_t i) {
          const V e = exponential(load(scores + i) - shift);
          sum += e;
          store(scores + i, job.after ? e * load(job.after + first + i) : e);
        },
        [&](int64_t i) {
          const int64_t left = count - i;
          const V e = exponential(load_part(scores + i, left) - shift);
          V counted{};
          __builtin_memcpy(&counted, &e, static_cast<size_t>(left) * 4);
          sum += counted;
          store_part(scores + i, job.after ? counted * load_part(job.after + first + i, left) : counted,
                     left);
        });
  });
  return total(sum);
}

/// Sums over this many pixels are taken in float32, their sums in float64.
constexpr int64_t kPixelsInFloat = 32;

void channel_sums(const float* x, int64_t pixels, int64_t stride, int64_t channels, const float* pivot,
                  double* sum, double* squares) {
  const auto one_vector = [&](int64_t c, int64_t count) {
    const V middle = load_part(pivot + c, count);
    D all_sum{}, all_squares{};
    for (int64_t first = 0; first < pixels; first += kPixelsInFloat) {
      const int64_t end = first + kPixelsInFloat < pixels ? first + kPixelsInFloat : pixels;
      V s{}, q{};
      for (int64_t p = first; p < end; ++p) {
        const float* at = x + p * stride + c;
        const V d = (count == kLanes ? load(at) : load_part(at, count)) - middle;
        s += d;
        q += d * d;
      }
      all_sum += __builtin_convertvector(s, D);
      all_squares += __builtin_convertvector(q, D);
    }
    for (int64_t i = 0; i < count; ++i) {
      sum[c + i] += all_sum[i];
      squares[c + i] += all_squares[i];
    }
  };
  in_vectors(
      channels, [&](int64_t c) { one_vector(c, kLanes); }, [&](int64_t c) { one_vector(c, channels - c); });
}

inline V sigmoid(V x) {
  return 1.0F / (1.0F + exponential(-x));
}

template <bool silu>
void scale_shift_as(const float* x, int64_t pixels, int64_t channels, const float* scale, const float* shift,
                    float* y) {
  for (int64_t p = 0; p < pixels; ++p, x += channels, y += channels) {
    in_vectors(
        channels,
        [&](int64_t c) {
          const V z = load(x + c) * load(scale + c) + load(shift + c);
          store(y + c, silu ? z * sigmoid(z) : z);
        },
        [&](int64_t c) {
          const int64_t left = channels - c;
          const V z = load_part(x + c, left) * load_part(scale + c, left) + load_part(shift + c, left);
          store_part(y + c, silu ? z * sigmoid(z) : z, left);
        });
  }
}

void scale_shift(const float* x, int64_t pixels, int64_t channels, const float* scale, const float* shift,
                 bool silu, float* y) {
  silu ? scale_shift_as<true>(x, pixels, channels, scale, shift, y)
       : scale_shift_as<false>(x, pixels, channels, scale, shift, y);
}

inline V gelu(V x) {
  return 0.5F * x * (1.0F + error_function(x * 0.70710678F));
}

void gated(const float* value, const float* gate, int64_t count, float* y) {
  in_vectors(
      count, [&](int64_t i) { store(y + i, load(value + i) * gelu(load(gate + i))); },
      [&](int64_t i) {
        const int64_t left = count - i;
        store_part(y + i, load_part(value + i, left) * gelu(load_part(gate + i, left)), left);
      });
}

inline V load_some(const float* from, int64_t count) {
  return count == kLanes ? load(from) : load_part(from, count);
}
inline void store_some(float* to, V value, int64_t count) {
  count == kLanes ? store(to, value) : store_part(to, value, count);
}

void to_points(const PiecePixels& pixels, int64_t channels, float* points, int64_t apart) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    const int64_t count = channels - c < kLanes ? channels - c : kLanes;
    V d[4][4], rows[4][4];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) d[i / 4][i % 4] = pixels.in[i] ? load_some(pixels.in[i] + c, count) : V{};
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      rows[0][j] = d[0][j] - d[2][j];
      rows[1][j] = d[1][j] + d[2][j];
      rows[2][j] = d[2][j] - d[1][j];
      rows[3][j] = d[1][j] - d[3][j];
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      float* at = points + 4 * i * apart + c;
      store_some(at, rows[i][0] - rows[i][2], count);
      store_some(at + apart, rows[i][1] + rows[i][2], count);
      store_some(at + 2 * apart, rows[i][2] - rows[i][1], count);
      store_some(at + 3 * apart, rows[i][1] - rows[i][3], count);
    }
  }
}

void from_points(const float* points, int64_t apart, int64_t channels, const float* bias,
                 const float* const sums[4], const PiecePixels& pixels) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    const int64_t count = channels - c < kLanes ? channels - c : kLanes;
    V rows[2][4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const V m0 = load_some(points + j * apart + c, count),
              m1 = load_some(points + (4 + j) * apart + c, count);
      const V m2 = load_some(points + (8 + j) * apart + c, count);
      const V m3 = load_some(points + (12 + j) * apart + c, count);
      rows[0][j] = m0 + m1 + m2;
      rows[1][j] = m1 - m2 - m3;
    }
    const V start = bias ? load_some(bias + c, count) : V{};
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      if (!pixels.out[i]) continue;
      const V* r = rows[i / 2];
      const V y = i % 2 == 0 ? r[0] + r[1] + r[2] : r[1] - r[2] - r[3];
      const V from = sums[i] ? start + load_some(sums[i] + c, count) : start;
      store_some(pixels.out[i] + c, y + from, count);
    }
  }
}

}  // namespace
}  // namespace kizu::layers

#include "layers/kernels_gradients_code.h"

namespace kizu::layers {
namespace {

Kernels list(const char* name) {
  Kernels all{};
  all.name = name;
  all.lanes = kLanes;
  for (int v = 1; v <= kMostVectors; ++v) all.most_rows[v - 1] = most_rows(v);
  list_tiles<1>(all.tiles[0]);
  list_tiles<2>(all.tiles[1]);
  list_tiles<3>(all.tiles[2]);
  all.softmax = softmax;
  all.channel_sums = channel_sums;
  all.scale_shift = scale_shift;
  all.to_points = to_points;
  all.from_points = from_points;
  all.gated = gated;
  all.float32 = list_widening<FromFloat32>();
  all.float16 = list_widening<FromFloat16>();
  all.bfloat16 = list_widening<FromBFloat16>();
  all.gated_gradient = gated_gradient;
  all.gelu = gelu_all;
  all.gelu_gradient = gelu_gradient;
  all.transpose = transpose;
  all.softmax_gradient = softmax_gradient;
  all.norm_sums = norm_sums;
  all.norm_gradient = norm_gradient;
  return all;
}

}  // namespace
}  // namespace kizu::layers
