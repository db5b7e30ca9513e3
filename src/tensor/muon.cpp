#include "tensor/muon.h"

namespace kizu {
namespace {

bool is_matrix(const Trainable& trainable) {
  return trainable.value.dim() >= 2;
}

std::vector<Trainable> without_matrices(const std::vector<Trainable>& all) {
  std::vector<Trainable> others;
  for (const auto& trainable : all)
    if (!is_matrix(trainable)) others.push_back(trainable);
  return others;
}

}  // namespace

torch::Tensor orthogonalised(const torch::Tensor& matrix) {
  constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315;
  if (matrix.size(0) > matrix.size(1)) return orthogonalised(matrix.t()).t();
  const auto x = matrix / (matrix.norm() + 1e-12);
  auto gram = x.mm(x.t());                                      // of the matrix so far
  auto product = torch::eye(matrix.size(0), matrix.options());  // what x is multiplied by so far
  for (int step = 0; step < 5; step++) {
    auto factor = torch::addmm(gram, gram, gram, kB, kC);
    factor.diagonal().add_(kA);
    product = factor.mm(product);
    gram = factor.mm(gram).mm(factor);
  }
  return product.mm(x);
}

Muon::Muon(std::vector<Trainable> trainables, MuonOptions options)
    : trainables_(std::move(trainables)),
      options_(options),
      others_(without_matrices(trainables_), options.others) {
  const torch::NoGradGuard no_grad;
  for (const auto& trainable : trainables_)
    momentum_.push_back(is_matrix(trainable) ? torch::zeros_like(trainable.value) : torch::Tensor());
}

void Muon::step(const std::vector<torch::Tensor>& gradient, double learning_rate, WorkerPool* pool) {
  std::vector<torch::Tensor> of_others;
  for (size_t i = 0; i < trainables_.size(); i++)
    if (!is_matrix(trainables_[i])) of_others.push_back(gradient[i]);
  others_.step(of_others, learning_rate, pool);
  for_each_tensor(pool, trainables_.size(), [&](size_t i) {
    if (!is_matrix(trainables_[i])) return;
    momentum_[i].mul_(options_.momentum).add_(gradient[i]);
    const auto ahead = gradient[i] + momentum_[i] * options_.momentum;  // Nesterov
    auto value = trainables_[i].value;
    value.add_(orthogonalised(ahead.flatten(1)).view_as(value), -learning_rate * trainables_[i].rate);
  });
}

NamedTensors Muon::state() const {
  auto state = others_.state();
  for (size_t i = 0; i < trainables_.size(); i++)
    if (momentum_[i].defined()) state["muon." + trainables_[i].name] = momentum_[i];
  return state;
}

void Muon::load(const NamedTensors& state, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  others_.load(state, origin);
  for (size_t i = 0; i < trainables_.size(); i++) {
    if (momentum_[i].defined()) momentum_[i].copy_(saved_in(state, "muon." + trainables_[i].name, origin));
  }
}

}  // namespace kizu
