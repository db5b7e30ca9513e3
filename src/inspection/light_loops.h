#pragma once
#include <cstdint>

/// The inner loops of the light net that are not convolutions, each in one walk over its memory. Compiled on
/// its own with vector instructions (CMakeLists.txt); knows no torch. Pictures are channels-last: [N, H, W,
/// C].
namespace kizu::inspection::loops {

/// Filters of StandardConv. `weight` is [out, in, taps]; `filters` gets factor * gain * (weight - mean) /
/// sigma in the order [out, taps, in], where sigma^2 = sum of (weight - mean)^2 + 1e-6; `normed` (weight -
/// mean) / sigma as weight lies, and `inverse` 1 / sigma, [out].
struct Filters {
  int64_t out, in, taps;
  const float* weight;
  const float* gain;  // [out]
  float factor;
  float* normed;
  float* inverse;
  float* filters;
};
void standardise(const Filters& f);

/// Its gradients, from that of the filters [out, taps, in]: `to_weight` [out, in, taps], `to_gain` [out];
/// `scratch` holds in * taps floats.
struct FilterGradients {
  int64_t out, in, taps;
  const float* gradient;
  const float* normed;
  const float* inverse;
  const float* gain;
  float factor;
  float* to_weight;
  float* to_gain;
  float* scratch;
};
void standardise_backward(const FilterGradients& f);

/// to [N, 2h, 2w, C] = each pixel of small [N, h, w, C] four times + share * large [N, 2h, 2w, C].
void enlarge_and_add(const float* small, const float* large, float share, int64_t n, int64_t h, int64_t w,
                     int64_t c, float* to);
/// Its gradients: to_small = sums of four, to_large = share * gradient.
void enlarge_and_add_backward(const float* gradient, float share, int64_t n, int64_t h, int64_t w, int64_t c,
                              float* to_small, float* to_large);

/// The focal loss's probability of the true class (losses.h), smoothed by 1e-5, from the probabilities p of a
/// defect and q of none, [pixels], and the truth, 0 or 1.
void focal_probabilities(const float* p, const float* q, const float* truth, int64_t pixels, float* p_t);

/// The loss of losses.h from what is known of each pixel; `gradient` gets that of the log odds.
struct Loss {
  int64_t pixels;
  const float* odds;   // logarithm of the odds of a defect
  const float* p;      // probability of a defect
  const float* q;      // 1 - p, exact where p is nearly 1
  const float* log_p;  // its logarithm
  const float* p_t;    // focal_probabilities
  const float* log_p_t;
  const float* truth;
  double dice, balanced;
  float* gradient;
};
double localizer_loss(const Loss& l);

}  // namespace kizu::inspection::loops
