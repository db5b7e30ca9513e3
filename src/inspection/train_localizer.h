#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/observer.h"
#include "inspection/localizer_file.h"
#include "inspection/samples.h"

namespace kizu::inspection {

enum class Choose { kLast, kBest };
enum class RateSchedule { kCosine, kMilestones };

struct TrainOptions {
  LocalizerConfig net;
  Mix mix = Mix::parse("good:0.3,pairs:0.35,shots:0.15,crop_paste:0.2");
  SampleOptions samples;
  int64_t work_size = 256;  // of the examples in the set; goes into the file for detection
  int64_t steps = 600;
  int64_t batch = 8;
  double rate = 2e-3;
  RateSchedule schedule = RateSchedule::kCosine;
  double dice = 0.5;      // weight of the Dice loss beside the focal loss; 0 as in the paper
  double average = 0.99;  // moving average of the weights; 0 none
  double holdout = 0.15;  // share of the generated pairs kept for choosing and for the threshold
  Choose choose = Choose::kLast;
  uint64_t seed = 0;
  int64_t checkpoint_every = 100;
  int workers = 0;  // 0: one per core; the result does not depend on it

  /// Localizer, loss, rate and augmentation of the published code (method.md, 7.1).
  static TrainOptions reference();
  /// Throws Error naming the option.
  void check() const;
};

/// How the training went.
struct TrainOutcome {
  std::filesystem::path file;                          // localizer.safetensors
  std::vector<std::pair<int64_t, double>> loss;        // step and mean loss since the last entry; at most 200
  std::vector<std::pair<int64_t, double>> holdout_ap;  // step and pixel AP on held-out pairs
  int64_t chosen_step = 0;
  double threshold = 0.5;
};

/// Trains a localizer and writes `folder`/localizer.safetensors. State is saved in `folder` every
/// checkpoint_every steps and when the observer stops it; the same call goes on from there to the same bytes.
/// The held-out generated pairs alone choose the weights and the threshold. Throws Error when the loss is no
/// number any more.
TrainOutcome train_localizer(const TrainingSet& set, const TrainOptions& options,
                             const std::filesystem::path& folder, Observer& observer);

}  // namespace kizu::inspection
