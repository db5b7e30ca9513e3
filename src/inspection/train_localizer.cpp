#include "inspection/train_localizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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

// Constant until flat, then half as many steps again in which the rate falls to 0.
double rate_until_flat(const TrainOptions& options, int64_t step, int64_t flat_at) {
  if (flat_at == 0) return options.rate * std::min(1.0, static_cast<double>(step + 1) / 20);
  const double fallen = static_cast<double>(step - flat_at) / (0.5 * static_cast<double>(flat_at));
  return options.rate * 0.5 * (1 + std::cos(M_PI * std::clamp(fallen, 0.0, 1.0)));
}

// Whether the best of the last looks is not lower, by the demanded share, than the best before them.
bool is_flat(const std::vector<std::pair<int64_t, double>>& looks, const TrainOptions& options) {
  const auto recent = static_cast<std::size_t>(options.flat_looks);
  if (looks.size() <= recent) return false;
  const auto lower = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto since = looks.end() - static_cast<std::ptrdiff_t>(recent);
  return std::min_element(since, looks.end(), lower)->second >
         (1 - options.flat_gain) * std::min_element(looks.begin(), since, lower)->second;
}

TrainOptions fitted(const TrainOptions& options, const TrainingSet& set) {
  int64_t longest = 1;
  for (const auto* pool : {&set.good, &set.pairs, &set.shots})
    for (const auto& example : *pool)
      longest = std::max({longest, example.image.size(1), example.image.size(2)});
  return options.within(longest);
}

torch::Tensor loss_of(Localizer& net, const Sample& batch, const TrainOptions& options) {
  return localizer_loss(net.forward(batch.image), batch.mask, options.dice, options.balanced);
}

class Training {
 public:
  Training(const TrainingSet& set, const TrainOptions& options, std::filesystem::path folder)
      : options_(options),
        folder_(std::move(folder)),
        division_(hold_out(set, options.holdout)),
        pool_(options.workers),
        run_(make(), options),
        fingerprint_(fingerprint(options, set)) {
    for (const auto& mix : options.mix.parts) check_pools(division_.training, mix);
    nets_ = replicas<Localizer>(run_.net, pool_.size(), [this] { return make(); });
    judges_ = replicas<Localizer>(make(), pool_.size(), [this] { return make(); });
    for (const auto& judge : judges_) judge->eval();
  }

  TrainOutcome go(Observer& observer) {
    run_.resume(checkpoint(), fingerprint_);
    std::vector<std::vector<torch::Tensor>> parameters;
    for (const auto& net : nets_) parameters.push_back(values_of(trainables(*net)));
    ShardedGradient gradient(pool_, parameters, shards_of(options_));
    while (run_.steps < last_step()) {
      step(gradient);
      const bool stop = observer.wants_stop(), last = run_.steps == last_step();
      if (stop || last || run_.steps % options_.checkpoint_every == 0) run_.save(checkpoint(), fingerprint_);
      if (stop && !last) throw Interrupted();
      if (run_.steps % 10 == 0 || last) report(observer);
    }
    return finish();
  }

 private:
  std::shared_ptr<Localizer> make() const { return make_localizer(options_.net, mix(options_.seed, "net")); }
  std::filesystem::path checkpoint() const { return folder_ / "localizer.checkpoint.safetensors"; }

  // Known from the beginning, or once the held-out loss is flat.
  int64_t last_step() const {
    if (!options_.until_flat) return options_.steps;
    return run_.flat_at == 0 ? options_.steps : run_.flat_at + run_.flat_at / 2;
  }

  // Until flat nobody knows how many steps there will be: the first part lasts until then.
  const Mix& mix_at(int64_t step) const {
    if (options_.until_flat)
      return run_.flat_at == 0 ? options_.mix.parts.front() : options_.mix.parts.back();
    return options_.mix.at(static_cast<double>(step) / static_cast<double>(options_.steps));
  }

  void step(ShardedGradient& gradient) {
    const int64_t share = options_.batch / shards_of(options_), now = run_.steps;
    auto result = gradient.compute([&](int worker, int64_t shard) {
      const int64_t first = now * options_.batch + shard * share;
      const auto batch =
          draw_batch(division_.training, mix_at(now), options_.samples, options_.seed, first, share);
      return loss_of(*nets_[worker], batch, options_);
    });
    if (!std::isfinite(result.loss)) {
      throw Error("the training of the localizer ran away at step " + std::to_string(now) +
                  " (the loss is no number); use a lower learning rate");
    }
    if (options_.clip > 0) clip_norm(result.of, options_.clip, &pool_);
    const double rate =
        options_.until_flat ? rate_until_flat(options_, now, run_.flat_at) : rate_at(options_, now);
    run_.learn(result.of, rate, &pool_);
    run_.average.update(&pool_);
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
    if (options_.until_flat && run_.flat_at == 0) look_for_flat();
  }

  void look_for_flat() {
    const bool latest = run_.steps >= options_.latest_fall();
    if (run_.steps % options_.look_every == 0) {
      run_.holdout_loss.emplace_back(run_.steps, held_out_loss());
      if (is_flat(run_.holdout_loss, options_)) run_.flat_at = run_.steps;
    }
    if (latest) run_.flat_at = run_.steps;
  }

  // The averaged weights on the same windows of held-out pairs and good photos every time.
  double held_out_loss() {
    const torch::NoGradGuard no_grad;
    constexpr int64_t kBatches = 4, kWindows = 8;
    load_state(*judges_[0], run_.averaged_state(), "", "the averaged weights");
    TrainingSet held_out;
    for (const auto& example : division_.held_out)
      (example.mask.any().item<bool>() ? held_out.pairs : held_out.good).push_back(example);
    const auto mix = Mix::parse(held_out.good.empty() ? "pairs:1" : "good:0.4,pairs:0.6");
    std::vector<double> losses(kBatches);
    pool_.run(kBatches, [&](int worker, int64_t i) {
      const torch::NoGradGuard none;
      const auto batch = draw_batch(held_out, mix, options_.samples, kizu::mix(options_.seed, "held out"),
                                    i * kWindows, kWindows);
      losses[i] = loss_of(*judges_[worker], batch, options_).item<double>();
    });
    return std::accumulate(losses.begin(), losses.end(), 0.0) / kBatches;
  }

  Views views() const { return options_.samples.augmentation.flips ? Views::kMirrored : Views::kOne; }

  metrics::RankingMetrics judged(const NamedTensors& weights) {
    load_state(*judges_[0], weights, "", "the averaged weights");
    return judge_localizer(judges_, pool_, division_.held_out, views(), options_.samples.crop);
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
    observer.progressed("train", run_.steps, last_step(), "loss " + std::to_string(loss));
  }

  TrainOutcome finish() {
    const bool best = options_.choose == Choose::kBest && !run_.best.empty();
    const auto weights = best ? run_.best : run_.averaged_state();
    TrainOutcome outcome{folder_ / "localizer.safetensors",
                         run_.loss,
                         run_.holdout_ap,
                         run_.holdout_loss,
                         run_.steps,
                         run_.flat_at,
                         best ? run_.best_step : run_.steps,
                         0.5};
    if (division_.held_out.empty()) {
      load_state(*judges_[0], weights, "", "the averaged weights");
    } else {
      const auto ranking = judged(weights);
      outcome.threshold = ranking.f1_threshold.value_or(0.5);
      if (!best) outcome.holdout_ap.emplace_back(run_.steps, ranking.ap.value_or(0));
    }
    save_localizer(outcome.file, *judges_[0],
                   {options_.net, options_.work_size, outcome.threshold, views(), options_.samples.crop});
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
  if (options.until_flat && set.pairs.empty())
    throw Error("--until-flat: there are no generated pairs to hold out; make some with kizu generate");
  return Training(set, fitted(options.for_photos(false), set), folder).go(observer);
}

}  // namespace kizu::inspection
