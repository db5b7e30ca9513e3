#include "tensor/training_state.h"

#include "core/error.h"

namespace kizu {

TrainingState::TrainingState(std::filesystem::path file, std::vector<Trainable> trainables, Adam& adam,
                             MovingAverage& average)
    : file_(std::move(file)), trainables_(std::move(trainables)), adam_(adam), average_(average) {}

int64_t TrainingState::resume() {
  if (!std::filesystem::exists(file_)) return 0;
  const torch::NoGradGuard no_grad;
  const auto state = read_tensors(file_);
  for (auto& trainable : trainables_) {
    const auto found = state.find("weight." + trainable.name);
    if (found == state.end() || found->second.sizes() != trainable.value.sizes()) {
      throw Error(file_.string() + ": this checkpoint is of another network; delete it to start again");
    }
    trainable.value.copy_(found->second);
  }
  adam_.load(state, file_.string());
  average_.load(state, file_.string());
  const auto steps = state.find("steps");
  if (steps == state.end())
    throw Error(file_.string() + ": the checkpoint lacks its step; delete it to start again");
  return steps->second.item<int64_t>();
}

void TrainingState::save(int64_t steps_done) const {
  NamedTensors state = adam_.state();
  state.merge(average_.state());
  for (const auto& trainable : trainables_) state["weight." + trainable.name] = trainable.value.detach();
  state["steps"] = torch::tensor({steps_done}, torch::kInt64);
  write_tensors(file_, state);
}

}  // namespace kizu
