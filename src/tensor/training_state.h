#pragma once
#include <filesystem>

#include "tensor/adam.h"

namespace kizu {

/// Weights, optimiser, moving average and step of a training in one safetensors file, replaced atomically.
/// With noise drawn from (seed, step) this is all that an exact resume needs.
class TrainingState {
 public:
  TrainingState(std::filesystem::path file, std::vector<Trainable> trainables, Adam& adam,
                MovingAverage& average);
  /// Steps done according to the file, its content loaded; 0 where there is no file.
  int64_t resume();
  void save(int64_t steps_done) const;

 private:
  std::filesystem::path file_;
  std::vector<Trainable> trainables_;
  Adam& adam_;
  MovingAverage& average_;
};

}  // namespace kizu
