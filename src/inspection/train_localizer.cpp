#include "inspection/train_localizer.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "inspection/holdout.h"
#include "inspection/learning_rate.h"
#include "inspection/localizer_file.h"
#include "inspection/losses.h"
#include "inspection/training_run.h"
#include "tensor/learning_rate.h"
#include "tensor/sharded.h"

namespace kizu::inspection {
namespace {

// A batch norm must see the whole batch; the light net's batch is cut in two, one half for each of two cores.
int64_t shards_of(const TrainOptions& options) {
  return options.net.net == "light" && options.batch % 2 == 0 ? 2 : 1;
}

double rate_at(const TrainOptions& options, int64_t step) {
  if (options.schedule == RateSchedule::kMilestones)
    return milestone_rate(options.rate, 0.2, step, options.steps);
  return options.rate * warm_constant_cosine(step, options.steps, 20, 0.4);
}

torch::Tensor loss_of(Localizer& net, const Sample& batch, const TrainOptions& options) {
  const auto logits = net.forward(batch.image);
  const auto probabilities = torch::softmax(logits, 1);
  auto loss = focal_loss(probabilities, batch.mask);
  if (options.dice > 0)
    loss = loss + options.dice * soft_dice_loss(probabilities.select(1, 1), batch.mask.squeeze(1));
  if (options.balanced > 0) loss = loss + options.balanced * balanced_cross_entropy(logits, batch.mask);
  return loss;
}

class Training {
 public:
  Training(const TrainingSet& set, const TrainOptions& options, std::filesystem::path folder)
      : options_(options),
        folder_(std::move(folder)),
        division_(hold_out(set, options.holdout)),
        pool_(options.workers),
        run_(make(), options.average),
        fingerprint_(fingerprint(options, set)) {
    check_pools(division_.training, options.mix);
    nets_ = replicas<Localizer>(run_.net, pool_.size(), [this] { return make(); });
    judges_ = replicas<Localizer>(make(), pool_.size(), [this] { return make(); });
    for (const auto& judge : judges_) judge->eval();
  }

  TrainOutcome go(Observer& observer) {
    run_.resume(checkpoint(), fingerprint_);
    std::vector<std::vector<torch::Tensor>> parameters;
    for (const auto& net : nets_) parameters.push_back(values_of(trainables(*net)));
    ShardedGradient gradient(pool_, parameters, shards_of(options_));
    while (run_.steps < options_.steps) {
      step(gradient);
      const bool stop = observer.wants_stop(), last = run_.steps == options_.steps;
      if (stop || last || run_.steps % options_.checkpoint_every == 0) run_.save(checkpoint(), fingerprint_);
      if (stop && !last) throw Interrupted();
      if (run_.steps % 10 == 0 || last) report(observer);
    }
    return finish();
  }

 private:
  std::shared_ptr<Localizer> make() const { return make_localizer(options_.net, mix(options_.seed, "net")); }
  std::filesystem::path checkpoint() const { return folder_ / "localizer.checkpoint.safetensors"; }

  void step(ShardedGradient& gradient) {
    const int64_t share = options_.batch / shards_of(options_), now = run_.steps;
    auto result = gradient.compute([&](int worker, int64_t shard) {
      const int64_t first = now * options_.batch + shard * share;
      const auto batch =
          draw_batch(division_.training, options_.mix, options_.samples, options_.seed, first, share);
      return loss_of(*nets_[worker], batch, options_);
    });
    if (!std::isfinite(result.loss)) {
      throw Error("the training of the localizer ran away at step " + std::to_string(now) +
                  " (the loss is no number); use a lower learning rate");
    }
    if (options_.clip > 0) clip_norm(result.of, options_.clip);
    run_.adam.step(result.of, rate_at(options_, now));
    run_.average.update();
    run_.steps++;
    run_.pending_loss += result.loss;
    const int64_t every = std::max<int64_t>(1, (options_.steps + 199) / 200);
    if (run_.steps % every == 0) {
      run_.loss.emplace_back(run_.steps, run_.pending_loss / static_cast<double>(every));
      run_.pending_loss = 0;
    }
    // A first look at two fifths, then at three, four and at the end.
    const int64_t look_every = std::max<int64_t>(1, options_.steps / 5);
    if (options_.choose == Choose::kBest && run_.steps % look_every == 0 && run_.steps >= 2 * look_every)
      judge();
  }

  metrics::RankingMetrics judged(const NamedTensors& weights) {
    load_state(*judges_[0], weights, "", "the averaged weights");
    return judge_localizer(judges_, pool_, division_.held_out);
  }

  void judge() {
    if (division_.held_out.empty()) return;
    auto weights = run_.averaged_state();
    const double ap = judged(weights).ap.value_or(0);
    run_.holdout_ap.emplace_back(run_.steps, ap);
    if (ap <= run_.best_ap) return;
    run_.best = std::move(weights);
    run_.best_ap = ap;
    run_.best_step = run_.steps;
  }

  void report(Observer& observer) const {
    const double loss = run_.loss.empty() ? run_.pending_loss : run_.loss.back().second;
    observer.progressed("train", run_.steps, options_.steps, "loss " + std::to_string(loss));
  }

  TrainOutcome finish() {
    const bool best = options_.choose == Choose::kBest && !run_.best.empty();
    const auto weights = best ? run_.best : run_.averaged_state();
    TrainOutcome outcome{folder_ / "localizer.safetensors", run_.loss, run_.holdout_ap,
                         best ? run_.best_step : run_.steps, 0.5};
    if (division_.held_out.empty()) {
      load_state(*judges_[0], weights, "", "the averaged weights");
    } else {
      const auto ranking = judged(weights);
      outcome.threshold = ranking.f1_threshold.value_or(0.5);
      if (!best) outcome.holdout_ap.emplace_back(run_.steps, ranking.ap.value_or(0));
    }
    save_localizer(outcome.file, *judges_[0], {options_.net, options_.work_size, outcome.threshold});
    return outcome;
  }

  TrainOptions options_;
  std::filesystem::path folder_;
  HoldOut division_;
  WorkerPool pool_;
  TrainingRun run_;
  std::string fingerprint_;
  std::vector<std::shared_ptr<Localizer>> nets_, judges_;
};

}  // namespace

TrainOutcome train_localizer(const TrainingSet& set, const TrainOptions& options,
                             const std::filesystem::path& folder, Observer& observer) {
  options.check();
  if (options.steps == 0) throw Error("the number of training steps is not set");
  return Training(set, options, folder).go(observer);
}

}  // namespace kizu::inspection
