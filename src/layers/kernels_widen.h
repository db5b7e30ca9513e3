// Numbers of 16 bits to float32, exactly, and what is made of taps on the way. Included by kernels_code.h.
typedef uint16_t H __attribute__((vector_size(2 * KIZU_LANES), aligned(2), may_alias));
typedef uint32_t U __attribute__((vector_size(4 * KIZU_LANES), aligned(4), may_alias));

inline U bits_of(const uint16_t* from) {
  return __builtin_convertvector(*reinterpret_cast<const H*>(from), U);
}
inline V as_floats(U bits) {
  return reinterpret_cast<const V&>(bits);
}

struct FromFloat32 {
  using Number = float;
  static V load(const float* from) { return kizu::layers::load(from); }
};

struct FromBFloat16 {
  using Number = uint16_t;
  static V load(const uint16_t* from) { return as_floats(bits_of(from) << 16); }
};

struct FromFloat16 {
  using Number = uint16_t;
#if defined(__AVX512F__) && KIZU_LANES == 16
  static V load(const uint16_t* from) {
    const auto halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return reinterpret_cast<V>(_mm512_maskz_cvtph_ps(0xFFFF, halves));  // all; GCC warns about the plain one
  }
#elif defined(__F16C__) && KIZU_LANES == 8
  static V load(const uint16_t* from) {
    return reinterpret_cast<V>(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
#else
  static V load(const uint16_t* from) {
    const U half = bits_of(from), size = half & 0x7FFFU;
    const U moved = size << 13;  // the exponent of a float32 is 112 larger; so is that of small numbers
    const V scaled = as_floats(moved) * 0x1p112F;
    const U not_finite = moved | 0x7F800000U, finite = reinterpret_cast<const U&>(scaled);
    return as_floats((size >= 0x7C00U ? not_finite : finite) | (half & 0x8000U) << 16);
  }
#endif
};

/// to = (a + b) + (c + d), where those that are null are left out.
template <class From>
void widen_sum(const void* const numbers[4], int64_t count, float* to) {
  const typename From::Number* taps[4];
  for (int i = 0; i < 4; ++i) taps[i] = static_cast<const typename From::Number*>(numbers[i]);
  const auto two = [](const auto* x, const auto* y, int64_t i) {
    return y ? From::load(x + i) + From::load(y + i) : From::load(x + i);
  };
  if (!taps[1] && !taps[2]) {
    for (int64_t i = 0; i < count; i += kLanes) store(to + i, From::load(taps[0] + i));
    return;
  }
  for (int64_t i = 0; i < count; i += kLanes) {
    const V first = two(taps[0], taps[1], i);
    store(to + i, taps[2] ? first + two(taps[2], taps[3], i) : first);
  }
}

/// The four points of three numbers.
inline void four_points(const V w[3], V points[4]) {
  const V ends = (w[0] + w[2]) * 0.5F, middle = w[1] * 0.5F;
  points[0] = w[0];
  points[1] = ends + middle;
  points[2] = ends - middle;
  points[3] = w[2];
}

template <class From>
void widen_points(const void* numbers, int64_t taps_apart, int64_t count, float* points, int64_t apart) {
  const auto* taps = static_cast<const typename From::Number*>(numbers);
  for (int64_t i = 0; i < count; i += kLanes) {
    V rows[3][4];  // of the taps' three columns
#pragma GCC unroll 3
    for (int j = 0; j < 3; ++j) {
      V column[3];
#pragma GCC unroll 3
      for (int k = 0; k < 3; ++k) column[k] = From::load(taps + (3 * k + j) * taps_apart + i);
      four_points(column, rows[j]);
    }
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const V row[3] = {rows[0][k], rows[1][k], rows[2][k]};
      V values[4];
      four_points(row, values);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) store(points + (4 * k + j) * apart + i, values[j]);
    }
  }
}

template <class From>
Widening list_widening() {
  return {widen_sum<From>, widen_points<From>};
}
