#include "tensor/adam.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace kizu {
torch::Tensor saved_in(const NamedTensors& state, const std::string& name, const std::string& origin) {
  const auto found = state.find(name);
  if (found == state.end())
    throw Error(origin + ": the checkpoint lacks " + name + "; delete it to start again");
  return found->second;
}

std::vector<Trainable> trainables(const torch::nn::Module& module, const std::string& prefix, double rate) {
  std::vector<Trainable> all;
  for (const auto& item : module.named_parameters()) {
    if (item.value().requires_grad()) all.push_back({prefix + item.key(), item.value(), rate});
  }
  return all;
}

std::vector<torch::Tensor> values_of(const std::vector<Trainable>& trainables) {
  std::vector<torch::Tensor> values;
  for (const auto& trainable : trainables) values.push_back(trainable.value);
  return values;
}

Adam::Adam(std::vector<Trainable> trainables, AdamOptions options)
    : trainables_(std::move(trainables)), options_(options), steps_(trainables_.size(), 0) {
  const torch::NoGradGuard no_grad;
  for (const auto& trainable : trainables_) {
    m_.push_back(torch::zeros_like(trainable.value));
    v_.push_back(torch::zeros_like(trainable.value));
  }
}

void Adam::step(const std::vector<torch::Tensor>& gradient, double learning_rate, WorkerPool* pool) {
  for_each_tensor(pool, trainables_.size(), [&](size_t i) {
    if (!gradient[i].defined() && steps_[i] == 0) return;
    auto value = trainables_[i].value;
    const double rate = learning_rate * trainables_[i].rate;
    const double t = static_cast<double>(++steps_[i]);
    if (options_.weight_decay != 0) value.mul_(1 - rate * options_.weight_decay);
    m_[i].mul_(options_.beta1);
    v_[i].mul_(options_.beta2);
    if (gradient[i].defined()) {
      m_[i].add_(gradient[i], 1 - options_.beta1);
      v_[i].addcmul_(gradient[i], gradient[i], 1 - options_.beta2);
    }
    const double correction1 = 1 - std::pow(options_.beta1, t);
    const double correction2 = std::sqrt(1 - std::pow(options_.beta2, t));
    value.addcdiv_(m_[i], v_[i].sqrt().div_(correction2).add_(options_.eps), -rate / correction1);
  });
}

NamedTensors Adam::state() const {
  NamedTensors state;
  for (size_t i = 0; i < trainables_.size(); i++) {
    state["adam." + trainables_[i].name + ".m"] = m_[i];
    state["adam." + trainables_[i].name + ".v"] = v_[i];
  }
  state["adam.steps"] = torch::tensor(steps_, torch::kInt64);
  return state;
}

void Adam::load(const NamedTensors& state, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < trainables_.size(); i++) {
    m_[i].copy_(saved_in(state, "adam." + trainables_[i].name + ".m", origin));
    v_[i].copy_(saved_in(state, "adam." + trainables_[i].name + ".v", origin));
  }
  const auto steps = saved_in(state, "adam.steps", origin).contiguous();
  if (steps.numel() != static_cast<int64_t>(steps_.size()))
    throw Error(origin + ": damaged; delete it to start again");
  std::copy_n(steps.data_ptr<int64_t>(), steps_.size(), steps_.begin());
}

MovingAverage::MovingAverage(std::vector<Trainable> trainables, double limit, double ramp)
    : trainables_(std::move(trainables)), limit_(limit), ramp_(ramp) {
  for (const auto& trainable : trainables_) average_.push_back(trainable.value.detach().clone());
}

void MovingAverage::update(WorkerPool* pool) {
  const double n = static_cast<double>(++updates_);
  const double decay = std::min(limit_, (1 + n) / (ramp_ + n));
  for_each_tensor(pool, average_.size(),
                  [&](size_t i) { average_[i].lerp_(trainables_[i].value, 1 - decay); });
}

void MovingAverage::apply() {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < average_.size(); i++) trainables_[i].value.copy_(average_[i]);
}

NamedTensors MovingAverage::state() const {
  NamedTensors state;
  for (size_t i = 0; i < average_.size(); i++) state["average." + trainables_[i].name] = average_[i];
  state["average.updates"] = torch::tensor({updates_}, torch::kInt64);
  return state;
}

void MovingAverage::load(const NamedTensors& state, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < average_.size(); i++) {
    average_[i].copy_(saved_in(state, "average." + trainables_[i].name, origin));
  }
  updates_ = saved_in(state, "average.updates", origin).item<int64_t>();
}

}  // namespace kizu
