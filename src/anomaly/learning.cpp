#include "anomaly/learning.h"

#include <algorithm>

#include "anomaly/compact_condition.h"
#include "core/error.h"
#include "core/json.h"
#include "tensor/learning_rate.h"
#include "tensor/noise.h"
#include "tensor/sharded.h"
#include "tensor/training_state.h"

namespace kizu::anomaly {
namespace {

// The base as one worker sees it, with the embeddings beside it.
struct Learner {
  ldm::CompactModel model;
  std::vector<torch::Tensor> tokens;  // per type [n, d]
  std::vector<torch::Tensor> shots;   // per type [shots, n, d]
  std::vector<torch::Tensor> change;  // per type [shots, 3]; does not learn
};

bool is_tuned(const std::string& name, Tuned tuned) {
  if (tuned == Tuned::kUNet) return true;
  return tuned == Tuned::kCrossAttention && name.find(".cross.") != std::string::npos;
}

// Marks what learns, and lists it: embeddings first, then the spatial encoder, then the U-Net's share.
std::vector<Trainable> choose_trainables(Learner& learner, const LearnOptions& options) {
  std::vector<Trainable> all;
  for (size_t i = 0; i < learner.tokens.size(); i++) {
    all.push_back({"tokens." + std::to_string(i), learner.tokens[i], options.token_rate});
    all.push_back({"shots." + std::to_string(i), learner.shots[i], options.token_rate});
  }
  for (auto& parameter : learner.model.appearance->parameters()) parameter.requires_grad_(false);
  for (auto& parameter : learner.model.autoencoder->parameters()) parameter.requires_grad_(false);
  for (auto& parameter : learner.model.spatial->parameters())
    parameter.requires_grad_(options.tuned >= Tuned::kSpatial);
  for (auto& item : learner.model.unet->named_parameters())
    item.value().requires_grad_(is_tuned(item.key(), options.tuned));
  const double rate = options.tuned == Tuned::kUNet ? options.unet_rate : options.cross_attention_rate;
  for (auto& more : trainables(*learner.model.spatial, "spatial.", options.spatial_rate)) all.push_back(more);
  for (auto& more : trainables(*learner.model.unet, "unet.", rate)) all.push_back(more);
  return all;
}

// The embedding of a type starts as the mean of what the appearance encoder sees in its shots.
Learner start(const ldm::CompactModel& model, size_t types, const std::vector<ShotWindow>& windows) {
  const torch::NoGradGuard no_grad;
  Learner learner{model, {}, {}, {}};
  for (size_t type = 0; type < types; type++) {
    std::vector<std::vector<torch::Tensor>> seen, changed;  // per shot, per window
    for (const auto& window : windows) {
      if (window.type != static_cast<int64_t>(type)) continue;
      seen.resize(std::max<size_t>(seen.size(), window.shot + 1));
      changed.resize(seen.size());
      changed[window.shot].push_back(window.change);
      const auto mask = window.mask.unsqueeze(0);
      const auto background = window.background.unsqueeze(0) * known_latents(mask, Background::kOutside);
      const auto code = model.appearance->code(window.flawed.unsqueeze(0), background, mask);
      seen[window.shot].push_back(model.appearance->tokens(code)[0]);
    }
    std::vector<torch::Tensor> shots, change;
    for (const auto& each : seen) {
      if (!each.empty()) shots.push_back(torch::stack(each).mean(0));
    }
    for (const auto& each : changed) {
      if (!each.empty()) change.push_back(torch::stack(each).mean(0));
    }
    learner.change.push_back(torch::stack(change));
    const auto all = torch::stack(shots);  // [shots, n, d]
    learner.tokens.push_back(all.mean(0).requires_grad_(true));
    learner.shots.push_back((all - all.mean(0, true)).requires_grad_(true));
  }
  return learner;
}

Learner replica(const Learner& learner) {
  Learner copy{learner.model.replica(), {}, {}, learner.change};
  for (const auto& each : learner.tokens) copy.tokens.push_back(each.detach().requires_grad_(true));
  for (const auto& each : learner.shots) copy.shots.push_back(each.detach().requires_grad_(true));
  return copy;
}

// The windows of one type with one canvas size make a batch; each such group is drawn as often as it has
// windows, but every type alike.
struct Groups {
  std::vector<std::vector<std::vector<size_t>>> of_type;  // [type][group][window]

  Groups(const std::vector<ShotWindow>& windows, size_t types) : of_type(types) {
    for (size_t type = 0; type < types; type++) {
      std::map<int64_t, std::vector<size_t>> by_canvas;
      for (size_t i = 0; i < windows.size(); i++) {
        if (windows[i].type == static_cast<int64_t>(type)) by_canvas[windows[i].mask.size(1)].push_back(i);
      }
      for (auto& [canvas, members] : by_canvas) of_type[type].push_back(std::move(members));
    }
  }

  std::vector<size_t> draw(int64_t size, int64_t type, NoiseStream& random) const {
    const auto& groups = of_type[type];
    int64_t total = 0;
    for (const auto& group : groups) total += static_cast<int64_t>(group.size());
    int64_t at = random.below(total);
    size_t chosen = 0;
    while (at >= static_cast<int64_t>(groups[chosen].size()))
      at -= static_cast<int64_t>(groups[chosen++].size());
    std::vector<size_t> batch;
    for (int64_t i = 0; i < size; i++)
      batch.push_back(groups[chosen][random.below(static_cast<int64_t>(groups[chosen].size()))]);
    return batch;
  }
};

torch::Tensor batch_loss(Learner& learner, const std::vector<ShotWindow>& windows,
                         const std::vector<size_t>& batch, const diffusion::Schedule& schedule,
                         const LearnOptions& options, NoiseStream& random) {
  std::vector<torch::Tensor> x_0, background, mask, tokens;
  std::vector<int64_t> t;
  for (size_t i = 0; i < batch.size(); i++) {
    const auto& window = windows[batch[i]];
    x_0.push_back(window.flawed);
    background.push_back(window.background);
    mask.push_back(window.mask);
    tokens.push_back(learner.tokens[window.type] + learner.shots[window.type][window.shot]);
    t.push_back(
        static_cast<int64_t>((static_cast<double>(i) + random.uniform()) / static_cast<double>(batch.size()) *
                             static_cast<double>(schedule.steps())));
  }
  const auto masks = torch::stack(mask);
  const auto given = condition(learner.model, torch::stack(background), masks, torch::stack(tokens),
                               known_latents(masks, Background::kOutside));
  const auto clean = torch::stack(x_0);
  return v_loss(learner.model, schedule, clean, masks, given, torch::tensor(t, torch::kInt64),
                random.normal(clean.sizes()), options.whole, options.inside)
      .mean();
}

// Loss on draws of noise and time that are the same at every look.
double look(std::vector<Learner>& learners, const std::vector<ShotWindow>& windows,
            const diffusion::Schedule& schedule, const LearnOptions& options, WorkerPool& pool) {
  const int64_t count = std::min<int64_t>(32, static_cast<int64_t>(windows.size()));
  std::vector<double> losses(count);
  pool.run(count, [&](int worker, int64_t i) {
    const torch::NoGradGuard no_grad;
    NoiseStream random(mix(options.seed, "look", i));
    const size_t window = i * windows.size() / count;
    losses[i] = batch_loss(learners[worker], windows, {window, window, window}, schedule, options, random)
                    .item<double>();
  });
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum / static_cast<double>(count);
}

bool is_flat(const std::vector<double>& loss, double share) {
  const size_t n = loss.size();
  if (n < 6) return false;
  const double before = *std::min_element(loss.begin(), loss.end() - 3),
               since = *std::min_element(loss.end() - 3, loss.end());
  return since > before * (1 - share);
}

// The curve is kept beside the checkpoint, cut back to the step the checkpoint is at.
LearningCurve resume_curve(const std::filesystem::path& file, int64_t step) {
  LearningCurve curve;
  if (!std::filesystem::exists(file)) return curve;
  const auto json = read_json(file);
  for (size_t i = 0; i < json["steps"].size() && json["steps"][i].get<int64_t>() <= step; i++) {
    curve.steps.push_back(json["steps"][i]);
    curve.loss.push_back(json["loss"][i]);
  }
  curve.stopped_early =
      json["stopped_early"].get<bool>() && !curve.steps.empty() && curve.steps.back() == step;
  return curve;
}

void write_curve(const std::filesystem::path& file, const LearningCurve& curve) {
  write_json(file, {{"steps", curve.steps}, {"loss", curve.loss}, {"stopped_early", curve.stopped_early}});
}

Embeddings collect(const Learner& learner, const std::vector<std::string>& types,
                   const std::vector<Trainable>& trained) {
  Embeddings result;
  for (size_t i = 0; i < types.size(); i++) {
    result.types.push_back(
        {types[i], learner.tokens[i].detach(), learner.shots[i].detach(), learner.change[i]});
  }
  for (const auto& each : trained) {
    if (each.name.rfind("tokens.", 0) != 0 && each.name.rfind("shots.", 0) != 0)
      result.tuned[each.name] = each.value.detach();
  }
  return result;
}

}  // namespace

void LearnOptions::check() const {
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) throw Error(message);
  };
  require(steps_per_type >= 1 && steps_per_type <= 100000, "--learn-steps: between 1 and 100000");
  require(shards >= 1 && batch >= shards && batch % shards == 0 && batch <= 512,
          "--learn-batch: must be a multiple of " + std::to_string(shards) + ", at most 512");
  require(variants >= 1 && variants <= 64, "--variants: between 1 and 64");
  require(inside >= 0 && whole >= 0 && inside + whole > 0,
          "the weights of the loss: not negative, and one of them above 0");
}

Embeddings learn(ldm::CompactModel& model, const std::vector<std::string>& types,
                 const std::vector<DefectPhoto>& shots, const LearnOptions& options,
                 const std::filesystem::path& folder, Observer& observer, LearningCurve& curve) {
  options.check();
  for (const auto& type : types) {
    const auto of_type = [&](const DefectPhoto& shot) { return shot.type == type; };
    if (std::none_of(shots.begin(), shots.end(), of_type))
      throw Error("type '" + type + "' has no shots to learn from");
  }
  const auto windows = encode_shots(model, types, shots, options);
  const Groups groups(windows, types.size());
  const auto schedule = schedule_of(model.config);
  WorkerPool pool(options.workers);
  std::vector<Learner> learners{start(model, types.size(), windows)};
  const auto trained = choose_trainables(learners[0], options);
  std::vector<std::vector<torch::Tensor>> parameters{values_of(trained)};
  while (static_cast<int>(learners.size()) < pool.size()) {
    learners.push_back(replica(learners[0]));
    parameters.push_back(values_of(choose_trainables(learners.back(), options)));
  }
  ShardedGradient gradient(pool, parameters, options.shards);
  Adam adam(trained, {0.9, 0.98});
  MovingAverage average(trained, 0.99, 10);
  TrainingState state(folder / "learn.checkpoint.safetensors", trained, adam, average);

  const int64_t total = options.steps_per_type * static_cast<int64_t>(types.size());
  int64_t step = state.resume();
  curve = resume_curve(folder / "curve.json", step);
  const auto look_now = [&] { return look(learners, windows, schedule, options, pool); };
  if (curve.steps.empty()) {
    curve.steps.push_back(0);
    curve.loss.push_back(look_now());
  }
  while (step < total && !curve.stopped_early) {
    const auto result = gradient.compute([&](int worker, int64_t shard) {
      NoiseStream random(mix(options.seed, "learn", step * options.shards + shard));
      const auto type = (step * options.shards + shard) % static_cast<int64_t>(types.size());
      const auto batch = groups.draw(options.batch / options.shards, type, random);
      return batch_loss(learners[worker], windows, batch, schedule, options, random);
    });
    auto clipped = result.of;
    clip_norm(clipped, 1.0);
    adam.step(clipped, warm_constant_cosine(step, total, 20, 0.5));
    average.update();
    step++;
    const bool stop = observer.wants_stop();
    if (step % options.check_every == 0 || step == total) {
      curve.steps.push_back(step);
      curve.loss.push_back(look_now());
      curve.stopped_early = step < total && is_flat(curve.loss, options.flat);
      write_curve(folder / "curve.json", curve);
      state.save(step);
    } else if (stop) {
      write_curve(folder / "curve.json", curve);
      state.save(step);
    }
    if (stop) throw Interrupted();
    observer.progressed("learn", step, total, "loss " + std::to_string(curve.loss.back()));
  }
  if (curve.stopped_early)
    observer.said("learn: the loss is flat, stopped after " + std::to_string(step) + " of " +
                  std::to_string(total) + " steps");
  average.apply();
  write_curve(folder / "curve.json", curve);
  return collect(learners[0], types, trained);
}

}  // namespace kizu::anomaly
