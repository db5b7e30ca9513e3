#include "inspection/light_loops.h"

#include <cmath>

// Compiled for several kinds of processors; the program takes the best that runs.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KIZU_BEST_PROCESSOR __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define KIZU_BEST_PROCESSOR
#endif

namespace kizu::inspection::loops {
namespace {

constexpr float kSmooth = 1e-5F;  // of FocalOptions

}  // namespace

KIZU_BEST_PROCESSOR void standardise(const Filters& f) {
  const int64_t fan = f.in * f.taps;
  for (int64_t o = 0; o < f.out; o++) {
    const float* from = f.weight + o * fan;
    float* normed = f.normed + o * fan;
    float sum = 0, squares = 0;
    for (int64_t i = 0; i < fan; i++) sum += from[i];
    const float mean = sum / static_cast<float>(fan);
    for (int64_t i = 0; i < fan; i++) squares += (from[i] - mean) * (from[i] - mean);
    const float inverse = 1 / std::sqrt(squares + 1e-6F), scale = f.factor * f.gain[o];
    for (int64_t i = 0; i < fan; i++) normed[i] = (from[i] - mean) * inverse;
    float* to = f.filters + o * fan;
    for (int64_t t = 0; t < f.taps; t++)
      for (int64_t i = 0; i < f.in; i++) to[t * f.in + i] = scale * normed[i * f.taps + t];
    f.inverse[o] = inverse;
  }
}

KIZU_BEST_PROCESSOR void standardise_backward(const FilterGradients& f) {
  const int64_t fan = f.in * f.taps;
  for (int64_t o = 0; o < f.out; o++) {
    const float* from = f.gradient + o * fan;
    const float* normed = f.normed + o * fan;
    float* g = f.scratch;  // of the normed weights but for gain and factor
    for (int64_t t = 0; t < f.taps; t++)
      for (int64_t i = 0; i < f.in; i++) g[i * f.taps + t] = from[t * f.in + i];
    float sum = 0, along = 0;
    for (int64_t i = 0; i < fan; i++) {
      sum += g[i];
      along += g[i] * normed[i];
    }
    f.to_gain[o] = f.factor * along;
    // The normed weights have mean 0, so what they take away leaves the mean of g.
    const float mean = sum / static_cast<float>(fan), scale = f.factor * f.gain[o] * f.inverse[o];
    float* to = f.to_weight + o * fan;
    for (int64_t i = 0; i < fan; i++) to[i] = scale * (g[i] - mean - along * normed[i]);
  }
}

KIZU_BEST_PROCESSOR void enlarge_and_add(const float* small, const float* large, float share, int64_t n,
                                         int64_t h, int64_t w, int64_t c, float* to) {
  for (int64_t y = 0; y < n * 2 * h; y++) {  // the rows of all pictures
    const float* row = small + y / 2 * w * c;
    for (int64_t x = 0; x < w; x++) {
      const int64_t at = (y * w + x) * 2 * c;
      for (int64_t k = 0; k < c; k++) to[at + k] = row[x * c + k] + share * large[at + k];
      for (int64_t k = 0; k < c; k++) to[at + c + k] = row[x * c + k] + share * large[at + c + k];
    }
  }
}

KIZU_BEST_PROCESSOR void enlarge_and_add_backward(const float* gradient, float share, int64_t n, int64_t h,
                                                  int64_t w, int64_t c, float* to_small, float* to_large) {
  for (int64_t y = 0; y < n * h; y++) {
    const float* upper = gradient + y * 4 * w * c;
    const float* lower = upper + 2 * w * c;
    for (int64_t x = 0; x < w; x++) {
      const int64_t left = x * 2 * c, right = left + c;
      float* to = to_small + (y * w + x) * c;
      for (int64_t k = 0; k < c; k++)
        to[k] = (upper[left + k] + upper[right + k]) + (lower[left + k] + lower[right + k]);
    }
  }
  for (int64_t i = 0; i < n * 4 * h * w * c; i++) to_large[i] = share * gradient[i];
}

KIZU_BEST_PROCESSOR void focal_probabilities(const float* p, const float* q, const float* truth,
                                             int64_t pixels, float* p_t) {
  for (int64_t i = 0; i < pixels; i++) {
    const bool defect = truth[i] > 0.5F;
    p_t[i] = (1 - kSmooth) * (defect ? p[i] : q[i]) + kSmooth * (defect ? q[i] : p[i]) + kSmooth;
  }
}

KIZU_BEST_PROCESSOR double localizer_loss(const Loss& l) {
  const auto n = static_cast<double>(l.pixels);
  double positives = 0, sum_p = 0, common = 0, focal = 0, entropy[2] = {0, 0};
  for (int64_t i = 0; i < l.pixels; i++) {
    const double y = l.truth[i], miss = 1 - l.p_t[i];
    positives += y;
    sum_p += l.p[i];
    common += y * l.p[i];
    focal -= miss * miss * l.log_p_t[i];
    entropy[1] -= y * l.log_p[i];
    entropy[0] -= (1 - y) * (l.log_p[i] - l.odds[i]);  // log(1 - p) = log(p) - odds
  }
  const double present = (positives > 0) + (positives < n), total = sum_p + positives + 1;
  const double of_one = positives > 0 ? l.balanced / (positives * present) : 0;
  const double of_zero = positives < n ? l.balanced / ((n - positives) * present) : 0;
  // The slope of the Dice loss by p: -2 / total where the truth is 1, and overlap / total everywhere.
  const double overlap = (2 * common + 1) / total;
  const auto dice_one = static_cast<float>(l.dice * (overlap - 2) / total);
  const auto dice_zero = static_cast<float>(l.dice * overlap / total);
  const auto entropy_one = static_cast<float>(of_one), entropy_zero = static_cast<float>(of_zero);
  const auto focal_share = static_cast<float>((1 - 2 * static_cast<double>(kSmooth)) / n);
  for (int64_t i = 0; i < l.pixels; i++) {
    const bool defect = l.truth[i] > 0.5F;
    const float p = l.p[i], miss = 1 - l.p_t[i];
    const float by_p_t = 2 * miss * l.log_p_t[i] - miss * miss / l.p_t[i];
    const float by_p = (defect ? dice_one : dice_zero) + (defect ? focal_share : -focal_share) * by_p_t;
    l.gradient[i] = p * l.q[i] * by_p + (defect ? -entropy_one * l.q[i] : entropy_zero * p);
  }
  return focal / n + l.dice * (1 - overlap) + of_one * entropy[1] + of_zero * entropy[0];
}

}  // namespace kizu::inspection::loops
