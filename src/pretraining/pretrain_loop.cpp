#include "pretraining/pretrain_loop.h"

#include "core/error.h"
#include "tensor/learning_rate.h"

namespace kizu::pretraining {

void pretrain_loop(const Pace& pace, const std::vector<Trainable>& trained, const PretrainOptions& options,
                   const std::filesystem::path& folder, const std::function<Gradient(int64_t step)>& gradient,
                   Observer& observer) {
  constexpr double kLargestNorm = 1;
  constexpr int64_t kToldEvery = 20;
  Adam adam(trained, pace.adam);
  MovingAverage average(trained, pace.average);
  TrainingState state(folder / (pace.name + ".checkpoint.safetensors"), trained, adam, average);
  double shown = 0;
  for (int64_t step = state.resume(); step < pace.steps; step++) {
    auto computed = gradient(step);
    clip_norm(computed.of, kLargestNorm);
    adam.step(computed.of,
              pace.rate * warm_constant_cosine(step, pace.steps, pace.warm_up, pace.constant_share));
    average.update();
    shown = shown == 0 ? computed.loss : 0.98 * shown + 0.02 * computed.loss;
    const int64_t done = step + 1;
    const bool stop = observer.wants_stop();
    if (stop || done % options.checkpoint_every == 0 || done == pace.steps) state.save(done);
    if (stop) throw Interrupted();
    if (done % kToldEvery == 0)
      observer.progressed(pace.name, done, pace.steps, "loss " + std::to_string(shown));
  }
  average.apply();
}

}  // namespace kizu::pretraining
