#include "inspection/training_run.h"

#include "core/error.h"

namespace kizu::inspection {
namespace {

constexpr double kMuonRate = 20;  // of Adam's, so that one rate suits both

torch::Tensor table(const std::vector<std::pair<int64_t, double>>& rows) {
  auto tensor = torch::empty({static_cast<int64_t>(rows.size()), 2}, torch::kFloat64);
  double* to = tensor.data_ptr<double>();
  for (const auto& [step, value] : rows) {
    *to++ = static_cast<double>(step);
    *to++ = value;
  }
  return tensor;
}

std::vector<std::pair<int64_t, double>> rows_of(const torch::Tensor& tensor) {
  std::vector<std::pair<int64_t, double>> rows;
  const double* from = tensor.data_ptr<double>();
  for (int64_t i = 0; i < tensor.size(0); i++)
    rows.emplace_back(static_cast<int64_t>(from[2 * i]), from[2 * i + 1]);
  return rows;
}

NamedTensors with_prefix(const NamedTensors& all, const std::string& prefix) {
  NamedTensors found;
  for (const auto& [name, tensor] : all) {
    if (name.rfind(prefix, 0) == 0) found[name.substr(prefix.size())] = tensor;
  }
  return found;
}

std::variant<Adam, Muon> make_optimiser(Optimiser kind, std::vector<Trainable> all) {
  if (kind == Optimiser::kMuon) return Muon(std::move(all), {});
  return Adam(std::move(all), {});
}

}  // namespace

TrainingRun::TrainingRun(std::shared_ptr<Localizer> trained, const TrainOptions& options)
    : net(std::move(trained)),
      optimiser(make_optimiser(options.chosen_optimiser(), trainables(*net))),
      average(trainables(*net), options.average) {}

void TrainingRun::learn(const std::vector<torch::Tensor>& gradient, double rate, WorkerPool* pool) {
  const double own = std::holds_alternative<Muon>(optimiser) ? kMuonRate * rate : rate;
  std::visit([&](auto& any) { any.step(gradient, own, pool); }, optimiser);
}

void TrainingRun::save(const std::filesystem::path& file, const std::string& fingerprint) const {
  NamedTensors state = std::visit([](const auto& any) { return any.state(); }, optimiser);
  for (const auto& [name, tensor] : average.state()) state[name] = tensor;
  for (const auto& [name, tensor] : state_of(*net, "weight.")) state[name] = tensor;
  for (const auto& [name, tensor] : best) state["best." + name] = tensor;
  state["numbers"] = torch::tensor({static_cast<double>(steps), best_ap, static_cast<double>(best_step),
                                    pending_loss, static_cast<double>(flat_at)},
                                   torch::kFloat64);
  state["loss"] = table(loss);
  state["holdout_ap"] = table(holdout_ap);
  state["holdout_loss"] = table(holdout_loss);
  write_tensors(file, state, {{"kizu.training", fingerprint}});
}

bool TrainingRun::resume(const std::filesystem::path& file, const std::string& fingerprint) {
  if (!std::filesystem::exists(file)) return false;
  const auto content = Safetensors::read(file);
  const auto made_with = content.metadata.find("kizu.training");
  if (made_with == content.metadata.end() || made_with->second != fingerprint) return false;
  NamedTensors state;
  for (const auto& [name, raw] : content.tensors) state[name] = to_tensor(raw);
  for (const char* name : {"numbers", "loss", "holdout_ap", "holdout_loss"}) {
    if (!state.count(name)) throw Error(file.string() + " is damaged; delete it to start the training again");
  }
  load_state(*net, state, "weight.", file.string());
  std::visit([&](auto& any) { any.load(state, file.string()); }, optimiser);
  average.load(state, file.string());
  best = with_prefix(state, "best.");
  const double* numbers = state["numbers"].data_ptr<double>();
  steps = static_cast<int64_t>(numbers[0]);
  best_ap = numbers[1];
  best_step = static_cast<int64_t>(numbers[2]);
  pending_loss = numbers[3];
  flat_at = static_cast<int64_t>(numbers[4]);
  loss = rows_of(state["loss"]);
  holdout_ap = rows_of(state["holdout_ap"]);
  holdout_loss = rows_of(state["holdout_loss"]);
  return true;
}

NamedTensors TrainingRun::averaged_state() const {
  NamedTensors all;
  for (const auto& [name, tensor] : state_of(*net)) all[name] = tensor.clone();
  for (const auto& [name, tensor] : with_prefix(average.state(), "average.")) {
    if (all.count(name)) all[name] = tensor.clone();
  }
  return all;
}

}  // namespace kizu::inspection
