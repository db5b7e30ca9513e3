#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "metrics/entries.h"
#include "metrics/pixel_metrics.h"

namespace kizu::metrics {

/// A score's bits arranged so that a higher score is a smaller number; -0 and 0 are one score.
inline uint32_t key_of(float score) {
  score += 0.0f;
  uint32_t bits;
  std::memcpy(&bits, &score, sizeof bits);
  return bits >> 31 ? bits : bits ^ 0x7FFFFFFFu;
}
inline float score_of(uint32_t key) {
  const uint32_t bits = key >> 31 ? key : key ^ 0x7FFFFFFFu;
  float score;
  std::memcpy(&score, &bits, sizeof score);
  return score;
}

/// The pixels of one photo, ready to be sorted. Nearly all are outside every region and not positive: of
/// these the key alone is kept.
struct ScoredPixels {
  Entries<uint32_t> normals;           // keys
  std::vector<uint64_t> defects;       // upper half: key; lower half: region * 2 + (pixel is positive)
  std::vector<uint64_t> region_sizes;  // of regions 1, 2, ...
};

/// Regions count from 1 within the photo. Throws Error on sizes that do not match or a score that is not a
/// number.
ScoredPixels scored_pixels(const ScoredImage& image);

}  // namespace kizu::metrics
