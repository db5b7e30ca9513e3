// The inner loops of backward passes: a part of kernels_code.h.
#include <utility>

namespace kizu::layers {
namespace {

/// Two rows of a matrix of 2x2 blocks of `side` columns, the blocks off the diagonal swapped.
template <int side, size_t... lane>
inline void swap_blocks(V& upper, V& lower, std::index_sequence<lane...>) {
  const V a = upper, b = lower;
  upper = __builtin_shufflevector(a, b, ((lane & side) ? kLanes + (lane ^ side) : lane)...);
  lower = __builtin_shufflevector(a, b, ((lane & side) ? kLanes + lane : (lane ^ side))...);
}

template <int side = 1>
inline void transpose_square(V* rows) {
  if constexpr (side < kLanes) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i)
      if (!(i & side)) swap_blocks<side>(rows[i], rows[i | side], std::make_index_sequence<kLanes>());
    transpose_square<2 * side>(rows);
  }
}

void transpose(const float* from, int64_t from_stride, int64_t rows, int64_t columns, float* to,
               int64_t to_stride) {
  for (int64_t i = 0; i < rows; i += kLanes) {
    const int64_t high = rows - i < kLanes ? rows - i : kLanes;
    for (int64_t j = 0; j < columns; j += kLanes) {
      const int64_t wide = columns - j < kLanes ? columns - j : kLanes;
      const float* in = from + i * from_stride + j;
      float* out = to + j * to_stride + i;
      if (high < kLanes || wide < kLanes) {
        for (int64_t a = 0; a < high; ++a)
          for (int64_t b = 0; b < wide; ++b) out[b * to_stride + a] = in[a * from_stride + b];
        continue;
      }
      V square[kLanes];
#pragma GCC unroll 16
      for (int a = 0; a < kLanes; ++a) square[a] = load(in + a * from_stride);
      transpose_square(square);
#pragma GCC unroll 16
      for (int b = 0; b < kLanes; ++b) store(out + b * to_stride, square[b]);
    }
  }
}

/// The derivative of gelu.
inline V gelu_slope(V x) {
  return 0.5F * (1.0F + error_function(x * 0.70710678F)) + x * (0.39894228F * exponential(-0.5F * x * x));
}

void gelu_all(const float* x, int64_t count, bool approximate, float* y) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t used = count - i < kLanes ? count - i : kLanes;
    const V in = load_some(x + i, used);
    store_some(y + i, approximate ? in * sigmoid(1.702F * in) : gelu(in), used);
  }
}

void gelu_gradient(const float* x, const float* gradient, int64_t count, bool approximate, float* of_x) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t used = count - i < kLanes ? count - i : kLanes;
    const V in = load_some(x + i, used), s = sigmoid(1.702F * in);
    const V slope = approximate ? s * (1.0F + 1.702F * in * (1.0F - s)) : gelu_slope(in);
    store_some(of_x + i, load_some(gradient + i, used) * slope, used);
  }
}

void gated_gradient(const float* value, const float* gate, const float* gradient, int64_t count,
                    float* of_value, float* of_gate) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t used = count - i < kLanes ? count - i : kLanes;
    const V x = load_some(gate + i, used), dy = load_some(gradient + i, used);
    store_some(of_value + i, dy * gelu(x), used);
    store_some(of_gate + i, dy * load_some(value + i, used) * gelu_slope(x), used);
  }
}

void softmax_gradient(const SoftmaxGradientJob& job) {
  V sums{};
  const auto at = [&](int64_t token) { return token / kBlockDepth * job.block_stride + token % kBlockDepth; };
  const auto in_row = [&](auto step) {
    for (int64_t i = 0; i < job.tokens; i += kLanes)
      step(i, job.tokens - i < kLanes ? job.tokens - i : int64_t{kLanes});
  };
  in_row([&](int64_t i, int64_t used) {
    sums += load_some(job.exponentials + at(i), used) * load_some(job.gradient + at(i), used);
  });
  const float mean = total(sums) * job.factor;
  in_row([&](int64_t i, int64_t used) {
    const V p = load_some(job.exponentials + at(i), used) * job.factor;
    const V change = p * (load_some(job.gradient + at(i), used) - mean);
    store_some(job.gradient + at(i), change, used);
    const int64_t place = i / job.width * job.apart + i % job.width;
    store(job.probabilities + place, p);  // zeros behind the last token: load_part gives them
    store(job.changes + place, change);
  });
  // Whole vectors of the last panel that have no token at all.
  for (int64_t i = (job.tokens + kLanes - 1) / kLanes * kLanes; i % job.width != 0; i += kLanes) {
    const int64_t place = i / job.width * job.apart + i % job.width;
    store(job.probabilities + place, V{});
    store(job.changes + place, V{});
  }
}

/// The unit value and the gradient behind the activation.
struct NormPoint {
  V unit, gradient;
};
/// Of a vector of channels; scale and so on are loaded once for many pixels.
struct NormChannels {
  V scale, shift, weight, bias;
  NormChannels(const NormGradientJob& job, int64_t c, int64_t used)
      : scale(load_some(job.scale + c, used)),
        shift(load_some(job.shift + c, used)),
        weight(load_some(job.weight + c, used)),
        bias(load_some(job.bias + c, used)) {}

  NormPoint at(const NormGradientJob& job, int64_t pixel, int64_t c, int64_t used) const {
    const V unit = load_some(job.x + pixel * job.stride + c, used) * scale + shift;
    V dy = load_some(job.gradient + pixel * job.stride + c, used);
    if (job.silu) {
      const V y = unit * weight + bias, s = sigmoid(y);
      dy *= s * (1.0F + y * (1.0F - s));
    }
    return {unit, dy};
  }
};

void norm_sums(const NormGradientJob& job, double* sum, double* products) {
  constexpr int64_t kPixelsAtOnce = 64;  // added in float32, these sums in float64
  for (int64_t c = 0; c < job.channels; c += kLanes) {
    const int64_t used = job.channels - c < kLanes ? job.channels - c : kLanes;
    const NormChannels channels(job, c, used);
    D all_sums{}, all_products{};
    for (int64_t first = 0; first < job.pixels; first += kPixelsAtOnce) {
      const int64_t end = first + kPixelsAtOnce < job.pixels ? first + kPixelsAtOnce : job.pixels;
      V s{}, p{};
      for (int64_t pixel = first; pixel < end; ++pixel) {
        const auto point = channels.at(job, pixel, c, used);
        s += point.gradient;
        p += point.gradient * point.unit;
      }
      all_sums += __builtin_convertvector(s, D);
      all_products += __builtin_convertvector(p, D);
    }
    for (int64_t i = 0; i < used; ++i) {
      sum[c + i] = all_sums[i];
      products[c + i] = all_products[i];
    }
  }
}

void norm_gradient(const NormGradientJob& job, const float* factor, const float* shift, const float* slope,
                   float* out) {
  for (int64_t c = 0; c < job.channels; c += kLanes) {
    const int64_t used = job.channels - c < kLanes ? job.channels - c : kLanes;
    const NormChannels channels(job, c, used);
    const V by = load_some(factor + c, used), less = load_some(shift + c, used),
            tilt = load_some(slope + c, used);
    for (int64_t pixel = 0; pixel < job.pixels; ++pixel) {
      const auto point = channels.at(job, pixel, c, used);
      store_some(out + pixel * job.stride + c, point.gradient * by - less - point.unit * tilt, used);
    }
  }
}

}  // namespace
}  // namespace kizu::layers
