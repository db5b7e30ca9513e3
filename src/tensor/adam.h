#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "tensor/convert.h"
#include "tensor/worker_pool.h"

namespace kizu {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  // decoupled, as AdamW (Loshchilov & Hutter 2019)
};

/// One trainable tensor. `rate` multiplies the learning rate, for groups that learn faster or slower.
struct Trainable {
  std::string name;
  torch::Tensor value;
  double rate = 1;
};

/// All parameters of a module that require a gradient, in the module's order.
std::vector<Trainable> trainables(const torch::nn::Module& module, const std::string& prefix = "",
                                  double rate = 1);
/// Their values alone, for ShardedGradient.
std::vector<torch::Tensor> values_of(const std::vector<Trainable>& trainables);

/// A tensor of a checkpoint that was read from `origin`. Throws Error where it is missing.
torch::Tensor saved_in(const NamedTensors& state, const std::string& name, const std::string& origin);

/// Adam (Kingma & Ba 2015) with its state in named tensors, so that a checkpoint resumes to the same bytes.
class Adam {
 public:
  Adam(std::vector<Trainable> trainables, AdamOptions options);
  /// gradient[i] belongs to trainables[i]; an undefined one counts as zero once it had a gradient before
  /// (momentum goes on), and as "never used" otherwise, as in torch.
  /// Tensors are shared among the threads of `pool`, where there is one; the bytes do not depend on it.
  void step(const std::vector<torch::Tensor>& gradient, double learning_rate, WorkerPool* pool = nullptr);

  /// `<name>.m`, `<name>.v` for each tensor and the step counts; load() restores them.
  NamedTensors state() const;
  void load(const NamedTensors& state, const std::string& origin);

 private:
  std::vector<Trainable> trainables_;
  AdamOptions options_;
  std::vector<torch::Tensor> m_, v_;
  std::vector<int64_t> steps_;
};

/// Exponential moving average of weights with the ramp decay = min(limit, (1 + n) / (ramp + n)).
class MovingAverage {
 public:
  MovingAverage(std::vector<Trainable> trainables, double limit, double ramp = 30);
  void update(WorkerPool* pool = nullptr);
  /// Copies the average into the tensors it follows.
  void apply();
  NamedTensors state() const;
  void load(const NamedTensors& state, const std::string& origin);

 private:
  std::vector<Trainable> trainables_;
  std::vector<torch::Tensor> average_;
  double limit_, ramp_;
  int64_t updates_ = 0;
};

}  // namespace kizu
