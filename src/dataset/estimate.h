#pragma once
#include <string>

#include "dataset/examine.h"

namespace kizu::dataset {

/// How much a run does; the defaults are those of the main job.
struct RunSize {
  int learn_steps = 300;     // per defect type
  int pairs = 100;           // per defect type
  int train_steps = 400;     // per training of the localizer
  int trainings = 3;         // before, after, and Perlin defects alone
  double adapt_minutes = 0;  // --adapt
};

/// What the units of work cost on two CPU cores. Measured, not exact: an estimate is good to a factor of two.
struct UnitCosts {
  double start_seconds = 5;  // loading the base model, the report
  double learn_step_seconds = 0.25;
  double pair_seconds = 0.6;
  double train_step_seconds = 0.2;
  double test_megapixel_seconds = 1.0;  // per photo and training
  double base_bytes = 1.2e9;            // memory of the program with its networks
  double bytes_per_pixel = 200;         // memory that grows with the largest photo
  double disk_base_bytes = 40e6;        // embeddings, localizers, checkpoints, report
  double compressed = 0.7;              // PNG bytes per byte of decoded values
};

struct Estimate {
  double seconds = 0;
  double bytes_memory = 0;
  double bytes_disk = 0;
};

/// Time, peak memory and disk of a run on what was examined: for each type learn_steps and pairs, and
/// `trainings` trainings, each measured on all test photos.
Estimate estimate(const Examination& examination, const RunSize& size = {}, const UnitCosts& costs = {});

/// "about 9 minutes, 1.3 GB of memory, 60 MB of disk"
std::string describe(const Estimate& estimate);

}  // namespace kizu::dataset
