#include "inspection/train_classifier.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/json.h"
#include "core/sha256.h"
#include "inspection/learning_rate.h"
#include "tensor/adam.h"
#include "tensor/noise.h"
#include "tensor/sharded.h"

namespace kizu::inspection {
namespace {

namespace fs = std::filesystem;

std::string fingerprint(const LabelledSet& set, const ClassifyOptions& o) {
  Sha256 data;
  for (size_t i = 0; i < set.images.size(); i++) {
    const auto image = set.images[i].contiguous();
    data.add(image.data_ptr<uint8_t>(), static_cast<size_t>(image.numel()));
    data.add(std::to_string(set.labels[i]) + "\n");
  }
  return Json{{"side", o.side},    {"steps", o.steps},
              {"batch", o.batch},  {"rate", o.rate},
              {"seed", o.seed},    {"resnet", o.resnet.empty() ? "" : sha256_file(o.resnet)},
              {"data", data.hex()}}
      .dump();
}

/// Network, optimiser and step, and the file that they go on from.
class ClassifierRun {
 public:
  ClassifierRun(const LabelledSet& set, const ClassifyOptions& options, const fs::path& folder)
      : set_(set),
        options_(options),
        file_(folder / "classifier.checkpoint.safetensors"),
        net_(std::make_shared<features::ResNet34>(set.classes)),
        fingerprint_(fingerprint(set, options)) {
    net_->draw_weights(mix(options.seed, "classifier"));
    if (!options.resnet.empty()) net_->load_body(options.resnet);
    adam_ = std::make_unique<Adam>(trainables(*net_), AdamOptions());
    resume();
  }

  bool done() const { return steps_ >= options_.steps; }

  void step(ShardedGradient& gradient) {
    net_->train();
    auto result = gradient.compute([&](int, int64_t) {
      const auto [images, labels] = batch();
      return torch::nn::functional::cross_entropy(net_->forward(images), labels);
    });
    if (!std::isfinite(result.loss))
      throw Error(
          "the training of the classifier ran away (the loss is no number); use a lower learning rate");
    adam_->step(result.of, milestone_rate(options_.rate, 0.2, steps_, options_.steps));
    steps_++;
    pending_ += result.loss;
    const int64_t every = std::max<int64_t>(1, options_.steps / 100);
    if (steps_ % every == 0) {
      loss_.emplace_back(steps_, pending_ / static_cast<double>(every));
      pending_ = 0;
    }
  }

  void save() const {
    auto state = adam_->state();
    for (const auto& [name, tensor] : state_of(*net_, "weight.")) state[name] = tensor;
    state["numbers"] = torch::tensor({static_cast<double>(steps_), pending_}, torch::kFloat64);
    auto curve = torch::zeros({static_cast<int64_t>(loss_.size()), 2}, torch::kFloat64);
    for (size_t i = 0; i < loss_.size(); i++) {
      curve[i][0] = static_cast<double>(loss_[i].first);
      curve[i][1] = loss_[i].second;
    }
    state["loss"] = curve;
    write_tensors(file_, state, {{"kizu.classifier", fingerprint_}});
  }

  ClassifyOutcome finish(const fs::path& file) {
    write_tensors(file, state_of(*net_));
    fs::remove(file_);
    return {file, loss_, steps_};
  }

  ShardedGradient gradient(WorkerPool& pool) { return {pool, {values_of(trainables(*net_))}, 1}; }
  int64_t steps() const { return steps_; }
  double last_loss() const { return loss_.empty() ? pending_ : loss_.back().second; }

 private:
  std::pair<torch::Tensor, torch::Tensor> batch() const {
    NoiseStream random(mix(options_.seed, "batch", static_cast<uint64_t>(steps_)));
    std::vector<torch::Tensor> images;
    std::vector<int64_t> labels;
    for (int64_t i = 0; i < options_.batch; i++) {
      const auto which = random.below(static_cast<int64_t>(set_.images.size()));
      images.push_back(set_.images[which]);
      labels.push_back(set_.labels[which]);
    }
    return {torch::stack(images).to(torch::kFloat32) / 255, torch::tensor(labels)};
  }

  void resume() {
    if (!fs::exists(file_)) return;
    const auto content = Safetensors::read(file_);
    const auto made_with = content.metadata.find("kizu.classifier");
    if (made_with == content.metadata.end() || made_with->second != fingerprint_) return;
    NamedTensors state;
    for (const auto& [name, raw] : content.tensors) state[name] = to_tensor(raw);
    if (!state.count("numbers") || !state.count("loss"))
      throw Error(file_.string() + " is damaged; delete it to start the training again");
    load_state(*net_, state, "weight.", file_.string());
    adam_->load(state, file_.string());
    steps_ = static_cast<int64_t>(state["numbers"][0].item<double>());
    pending_ = state["numbers"][1].item<double>();
    for (int64_t i = 0; i < state["loss"].size(0); i++)
      loss_.emplace_back(static_cast<int64_t>(state["loss"][i][0].item<double>()),
                         state["loss"][i][1].item<double>());
  }

  const LabelledSet& set_;
  const ClassifyOptions& options_;
  fs::path file_;
  std::shared_ptr<features::ResNet34> net_;
  std::unique_ptr<Adam> adam_;
  std::string fingerprint_;
  int64_t steps_ = 0;
  double pending_ = 0;
  std::vector<std::pair<int64_t, double>> loss_;
};

}  // namespace

void ClassifyOptions::check() const {
  const auto within = [](double value, double low, double high, const std::string& name) {
    if (!(value >= low && value <= high))
      throw Error(name + ": between " + std::to_string(low) + " and " + std::to_string(high));
  };
  within(static_cast<double>(side), 32, 1024, "--classify-side");
  within(static_cast<double>(steps), 0, 10000000, "--classify-steps");
  within(static_cast<double>(batch), 2, 512, "the classifier's batch");
  within(rate, 1e-8, 1, "the classifier's learning rate");
}

ClassifyOutcome train_classifier(const LabelledSet& set, const ClassifyOptions& chosen,
                                 const fs::path& folder, Observer& observer) {
  chosen.check();
  if (set.images.empty() || set.classes < 2)
    throw Error("a classifier needs pictures of two defect types or more");
  auto options = chosen;
  if (options.steps == 0)
    options.steps = ClassifyOptions::published_steps(static_cast<int64_t>(set.images.size()), options.batch);
  ClassifierRun run(set, options, folder);
  WorkerPool pool(1);
  auto gradient = run.gradient(pool);
  while (!run.done()) {
    run.step(gradient);
    const bool stop = observer.wants_stop() && !run.done();
    if (stop || run.steps() % options.checkpoint_every == 0) run.save();
    if (stop) throw Interrupted();
    if (run.steps() % 5 == 0 || run.done())
      observer.progressed("classify", run.steps(), options.steps, "loss " + std::to_string(run.last_loss()));
  }
  return run.finish(folder / "classifier.safetensors");
}

std::vector<int64_t> classify(features::ResNet34& network, const std::vector<torch::Tensor>& images) {
  const torch::NoGradGuard no_grad;
  network.eval();
  std::vector<int64_t> classes;
  for (const auto& image : images) {
    const auto logits = network.forward(image.unsqueeze(0).to(torch::kFloat32) / 255);
    classes.push_back(logits.argmax(1).item<int64_t>());
  }
  return classes;
}

}  // namespace kizu::inspection
