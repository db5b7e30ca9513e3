// Numbers of 16 bits to float32, exactly. Included by kernels_code.h.
typedef uint16_t H __attribute__((vector_size(2 * KIZU_LANES), aligned(2), may_alias));
typedef uint32_t U __attribute__((vector_size(4 * KIZU_LANES), aligned(4), may_alias));
constexpr int kHalfLanes = KIZU_LANES / 2;
typedef float VHalf __attribute__((vector_size(2 * KIZU_LANES), aligned(4), may_alias));
typedef double DHalf __attribute__((vector_size(4 * KIZU_LANES), aligned(8), may_alias));

inline U bits_of(const uint16_t* from) {
  return __builtin_convertvector(*reinterpret_cast<const H*>(from), U);
}
inline V as_floats(U bits) {
  return reinterpret_cast<const V&>(bits);
}

struct FromBFloat16 {
  static V load(const uint16_t* from) { return as_floats(bits_of(from) << 16); }
};

struct FromFloat16 {
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
void widen_sum(const uint16_t* const taps[4], int64_t count, float* to) {
  const auto two = [](const uint16_t* x, const uint16_t* y, int64_t i) {
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

/// The four points of three numbers; in float64, because that is how quick_convolution.cpp makes them.
inline void four_points(const DHalf w[3], DHalf points[4]) {
  points[0] = w[0];
  points[1] = (w[0] + w[1] + w[2]) * 0.5;
  points[2] = (w[0] - w[1] + w[2]) * 0.5;
  points[3] = w[2];
}

template <class From>
void widen_points(const uint16_t* taps, int64_t taps_apart, int64_t count, float* points, int64_t apart) {
  for (int64_t i = 0; i < count; i += kLanes) {
    V w[9];
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) w[tap] = From::load(taps + tap * taps_apart + i);
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      DHalf rows[3][4];
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) {
        DHalf column[3];
#pragma GCC unroll 3
        for (int k = 0; k < 3; ++k)
          column[k] = __builtin_convertvector(reinterpret_cast<const VHalf*>(&w[3 * k + j])[half], DHalf);
        four_points(column, rows[j]);
      }
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        const DHalf row[3] = {rows[0][k], rows[1][k], rows[2][k]};
        DHalf values[4];
        four_points(row, values);
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j)
          *reinterpret_cast<VHalf*>(points + (4 * k + j) * apart + i + half * kHalfLanes) =
              __builtin_convertvector(values[j], VHalf);
      }
    }
  }
}

template <class From>
Widening list_widening() {
  return {widen_sum<From>, widen_points<From>};
}
