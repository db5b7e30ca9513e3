#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "anomaly/textual_inversion.h"
#include "core/observer.h"
#include "tensor/convert.h"

namespace kizu::anomaly {

/// A training of many steps with a checkpoint. Batches are made from the step's number alone, so that a run
/// that was stopped goes on to the same bytes.
struct InversionRun {
  TextualInversion& training;
  std::string name;                  ///< for the observer
  std::filesystem::path checkpoint;  ///< of what learns, its optimiser and `also`; removed by nobody
  NamedTensors also = {};            ///< tensors that change beside: statistics of batch norms
  int64_t steps = 1;
  double learning_rate = 1e-3;
  int64_t save_every = 200;
  std::function<InversionBatch(int64_t step)> batch = nullptr;

  /// Runs what is left of the steps and returns the loss of every step [steps]. Throws Interrupted, state
  /// saved, when the observer wants to stop; Error naming the checkpoint when it belongs to another training.
  torch::Tensor carry_out(Observer& observer);

 private:
  int64_t resume(torch::Tensor losses);
  void save(int64_t steps_done, const torch::Tensor& losses);
};

}  // namespace kizu::anomaly
