#include "dataset/estimate.h"

#include <cmath>
#include <cstdio>

namespace kizu::dataset {
namespace {

constexpr double kBytesPerExamplePixel = 4;  // a training holds all of its photos, in colour, and their masks

/// Pixels of a photo of mean size as the localizers see it.
double pixels_at_work(const Examination& e, int64_t work_size) {
  const double shorter = std::max(1, std::min(e.max_width, e.max_height)), longer = e.longest_side();
  return std::min(e.mean_pixels, static_cast<double>(work_size * work_size) * longer / shorter);
}

std::string bytes_in_words(double bytes) {
  char text[40];
  if (bytes >= 1e9) {
    std::snprintf(text, sizeof text, "%.1f GB", bytes / 1e9);
  } else {
    std::snprintf(text, sizeof text, "%.0f MB", std::ceil(bytes / 1e6));
  }
  return text;
}

}  // namespace

std::string time_in_words(double seconds) {
  if (seconds < 90) return std::to_string(std::lround(std::ceil(seconds))) + " seconds";
  const long minutes = std::lround(seconds / 60);
  if (minutes < 120) return std::to_string(minutes) + " minutes";
  constexpr long kDay = 1440;
  if (minutes >= kDay * 3 / 2) return std::to_string((minutes + kDay / 2) / kDay) + " days";
  return std::to_string(minutes / 60) + " hours " + std::to_string(minutes % 60) + " minutes";
}

double train_step_seconds(double step_pixels, const UnitCosts& costs) {
  return costs.train_step_seconds * step_pixels / RunSize().step_pixels;
}

Estimate estimate(const Examination& e, const RunSize& size, const UnitCosts& costs) {
  const double types = static_cast<double>(e.types.size());
  double test_photos = e.good_test, shots = 0;
  for (const TypeCount& type : e.types) {
    test_photos += type.photos - type.shots;
    shots += type.shots;
  }
  const double megapixels = test_photos * e.mean_pixels / 1e6;

  Estimate out;
  out.seconds = costs.start_seconds + 60 * size.adapt_minutes +
                types * (size.learn_steps * costs.learn_step_seconds + size.pairs * costs.pair_seconds) +
                size.trainings * ((size.train_steps + types * size.train_steps_per_type) *
                                      train_step_seconds(size.step_pixels, costs) +
                                  megapixels * costs.test_megapixel_seconds);
  const double examples = e.good_train + shots + types * size.pairs;
  out.bytes_memory = costs.base_bytes + e.max_pixels * costs.bytes_per_pixel +
                     examples * pixels_at_work(e, size.work_size) * kBytesPerExamplePixel;
  // A pair is the picture and a mask, which packs to next to nothing beside it.
  out.bytes_disk = costs.disk_base_bytes + types * size.pairs * e.mean_bytes * costs.compressed;
  return out;
}

std::string describe(const Estimate& estimate) {
  return "about " + time_in_words(estimate.seconds) + ", " + bytes_in_words(estimate.bytes_memory) +
         " of memory, " + bytes_in_words(estimate.bytes_disk) + " of disk";
}

}  // namespace kizu::dataset
