#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "inspection/localizer_net.h"
#include "inspection/train_options.h"
#include "tensor/adam.h"
#include "tensor/muon.h"

namespace kizu::inspection {

/// Everything that changes while a localizer is trained, and its file. A checkpoint of other options or data
/// (another `fingerprint`) is not taken up.
struct TrainingRun {
  std::shared_ptr<Localizer> net;
  std::variant<Adam, Muon> optimiser;
  MovingAverage average;
  NamedTensors best;  // weights of the best held-out AP so far
  double best_ap = -1;
  int64_t best_step = 0, steps = 0;
  double pending_loss = 0;  // since the last entry of the curve
  std::vector<std::pair<int64_t, double>> loss, holdout_ap, holdout_loss;
  int64_t flat_at = 0;  // step at which the held-out loss was found flat; 0: not yet

  TrainingRun(std::shared_ptr<Localizer> net, const TrainOptions& options);
  /// `rate` is that of Adam; Muon's is 20 times it.
  void learn(const std::vector<torch::Tensor>& gradient, double rate, WorkerPool* pool);
  void save(const std::filesystem::path& file, const std::string& fingerprint) const;
  /// False when there is no file or it belongs to something else; then nothing has changed.
  bool resume(const std::filesystem::path& file, const std::string& fingerprint);
  /// Averaged weights and the buffers of the net as they are.
  NamedTensors averaged_state() const;
};

}  // namespace kizu::inspection
