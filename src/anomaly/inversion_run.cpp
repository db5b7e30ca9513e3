#include "anomaly/inversion_run.h"

#include "core/error.h"

namespace kizu::anomaly {

int64_t InversionRun::resume(torch::Tensor losses) {
  if (!std::filesystem::exists(checkpoint)) return 0;
  const torch::NoGradGuard no_grad;
  const auto state = read_tensors(checkpoint);
  const auto restore = [&](const std::string& key, torch::Tensor into) {
    const auto found = state.find(key);
    if (found == state.end() || found->second.sizes() != into.sizes())
      throw Error(checkpoint.string() + ": belongs to another training (" + key +
                  "); delete it to start again");
    into.copy_(found->second);
  };
  for (const auto& each : training.concepts().trainables()) restore("value." + each.name, each.value);
  for (const auto& [key, tensor] : also) restore("also." + key, tensor);
  training.adam().load(state, checkpoint.string());
  restore("losses", losses);
  auto steps_done = torch::zeros({1}, torch::kInt64);
  restore("steps", steps_done);
  return steps_done.item<int64_t>();
}

void InversionRun::save(int64_t steps_done, const torch::Tensor& losses) {
  auto state = training.adam().state();
  for (const auto& each : training.concepts().trainables()) state["value." + each.name] = each.value.detach();
  for (const auto& [key, tensor] : also) state["also." + key] = tensor;
  state["losses"] = losses;
  state["steps"] = torch::tensor({steps_done}, torch::kInt64);
  write_tensors(checkpoint, state);
}

torch::Tensor InversionRun::carry_out(Observer& observer) {
  auto losses = torch::zeros({steps});
  int64_t step = resume(losses);
  while (step < steps) {
    losses[step] = training.step(batch(step), learning_rate).loss;
    step++;
    const bool stop = observer.wants_stop();
    if (stop || step % save_every == 0 || step == steps) save(step, losses);
    if (stop && step < steps) throw Interrupted();
    // The loss jumps with t.
    const auto latest = losses.slice(0, std::max<int64_t>(0, step - 50), step).mean().item<double>();
    observer.progressed(name, step, steps, "loss " + std::to_string(latest));
  }
  return losses;
}

}  // namespace kizu::anomaly
