#pragma once
#include <filesystem>
#include <utility>
#include <vector>

#include "core/observer.h"
#include "inspection/train_options.h"

namespace kizu::inspection {

/// How the training went.
struct TrainOutcome {
  std::filesystem::path file;                          // localizer.safetensors
  std::vector<std::pair<int64_t, double>> loss;        // step and mean loss since the last entry; at most 200
  std::vector<std::pair<int64_t, double>> holdout_ap;  // step and pixel AP on held-out pairs
  std::vector<std::pair<int64_t, double>> holdout_loss;  // step and loss on them, when trained until flat
  int64_t steps = 0;                                     // that were made
  int64_t flat_at = 0;  // step at which that loss was found flat; 0: never, or not asked for
  int64_t chosen_step = 0;
  double threshold = 0.5;
};

/// Trains a localizer and writes `folder`/localizer.safetensors. State is saved in `folder` every
/// checkpoint_every steps and when the observer stops it; the same call goes on from there to the same bytes.
/// No window is larger than the longest side of a photo, rounded up to 32.
/// The held-out generated pairs alone choose the weights and the threshold. Throws Error when the loss is no
/// number any more.
TrainOutcome train_localizer(const TrainingSet& set, const TrainOptions& options,
                             const std::filesystem::path& folder, Observer& observer);

}  // namespace kizu::inspection
