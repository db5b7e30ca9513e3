#pragma once
#include <string>

#include "dataset/examine.h"

namespace kizu::dataset {

/// How much a run does; the defaults are those of the main job.
struct RunSize {
  int learn_steps = 160;  // per defect type
  int pairs = 60;         // per defect type
  int train_steps = 400;  // per training of the localizer, and
  int train_steps_per_type = 800;
  double step_pixels = 8 * 160 * 160;  // of the windows in a training step
  int trainings = 3;                   // before, after, and Perlin defects alone
  int64_t work_size = 256;             // short side in px of what the localizers see
  double adapt_minutes = 0;            // --adapt
};

/// What the units of work cost on two CPU cores with AVX-512, from the run in docs/benchmarks.md. An estimate
/// is good to a factor of two on other machines.
struct UnitCosts {
  double start_seconds = 5;  // loading the base model, the report
  double learn_step_seconds = 0.08;
  double pair_seconds = 0.1;
  double train_step_seconds = 0.065;    // with RunSize's step_pixels; grows with them
  double test_megapixel_seconds = 0.5;  // per photo and training
  double base_bytes = 0.6e9;            // memory of the program with its networks
  double bytes_per_pixel = 200;         // memory that grows with the largest photo
  double disk_base_bytes = 40e6;        // embeddings, localizers, checkpoints, report
  double compressed = 0.7;              // PNG bytes per byte of decoded values
};

struct Estimate {
  double seconds = 0;
  double bytes_memory = 0;
  double bytes_disk = 0;
};

/// Seconds of a training step with windows of so many pixels in all.
double train_step_seconds(double step_pixels, const UnitCosts& costs = {});

/// Time, peak memory and disk of a run on what was examined: for each type learn_steps and pairs, and
/// `trainings` trainings, each measured on all test photos.
Estimate estimate(const Examination& examination, const RunSize& size = {}, const UnitCosts& costs = {});

/// "45 seconds", "12 minutes", "3 hours 5 minutes", "4 days"
std::string time_in_words(double seconds);
/// "about 9 minutes, 1.3 GB of memory, 60 MB of disk"
std::string describe(const Estimate& estimate);

}  // namespace kizu::dataset
