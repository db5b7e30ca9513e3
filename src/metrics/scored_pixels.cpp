#include "metrics/scored_pixels.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "metrics/regions.h"

namespace kizu::metrics {
namespace {

void check(const ScoredImage& image) {
  const std::size_t pixels = static_cast<std::size_t>(image.width) * image.height;
  const bool pro_fits = image.pro_mask.empty() || image.pro_mask.size() == pixels;
  if (image.scores.size() == pixels && image.mask.size() == pixels && pro_fits) return;
  throw Error("a score map of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
              " pixels has " + std::to_string(image.scores.size()) + " scores and " +
              std::to_string(image.mask.size()) + " mask pixels; all three must agree");
}

// The keys of scores; false when one is not a number. In pieces of a fixed length, which the compiler turns
// into vector instructions.
bool keys_of(const float* scores, std::size_t count, uint32_t* keys) {
  constexpr std::size_t kPiece = 64;
  uint32_t broken = 0;
  std::size_t i = 0;
  for (; i + kPiece <= count; i += kPiece) {
    for (std::size_t k = i; k < i + kPiece; k++) {
      keys[k] = key_of(scores[k]);
      broken |= static_cast<uint32_t>(scores[k] != scores[k]);
    }
  }
  for (; i < count; i++) {
    keys[i] = key_of(scores[i]);
    broken |= static_cast<uint32_t>(std::isnan(scores[i]));
  }
  return broken == 0;
}

// Writes the pixels of one photo in order.
class Writer {
 public:
  Writer(const ScoredImage& image, ScoredPixels& to) : image_(image), to_(to) {
    to_.normals = Entries<uint32_t>(image.scores.size());
  }
  // Outside all regions; where there are two truths some may be positive all the same.
  void outside(std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t next = first_set(image_.mask, begin, end);
      all_numbers_ &= keys_of(image_.scores.data() + begin, next - begin, to_.normals.data() + normals_);
      normals_ += next - begin;
      if (next < end) defect(next, 0);
      begin = next + 1;
    }
  }
  void inside(const Run& run) {
    for (std::size_t i = run.begin; i < run.end; i++) defect(i, run.region);
    to_.region_sizes[run.region - 1] += run.end - run.begin;
  }
  void finish() {
    if (!all_numbers_) throw Error("a pixel score is not a number: was the model trained to the end?");
    to_.normals.shorten(normals_);
  }

 private:
  void defect(std::size_t pixel, uint32_t region) {
    const float score = image_.scores[pixel];
    all_numbers_ &= !std::isnan(score);
    const uint32_t positive = image_.mask[pixel] != 0;
    to_.defects.push_back(static_cast<uint64_t>(key_of(score)) << 32 | region << 1 | positive);
  }

  const ScoredImage& image_;
  ScoredPixels& to_;
  std::size_t normals_ = 0;
  bool all_numbers_ = true;
};

}  // namespace

ScoredPixels scored_pixels(const ScoredImage& image) {
  check(image);
  const auto& truth = image.pro_mask.empty() ? image.mask : image.pro_mask;
  const auto found = find_regions(image.width, image.height, truth);
  ScoredPixels pixels;
  pixels.region_sizes.assign(found.count, 0);
  Writer writer(image, pixels);
  std::size_t end = 0;
  for (const auto& run : found.runs) {
    writer.outside(end, run.begin);
    writer.inside(run);
    end = run.end;
  }
  writer.outside(end, image.scores.size());
  writer.finish();
  return pixels;
}

}  // namespace kizu::metrics
