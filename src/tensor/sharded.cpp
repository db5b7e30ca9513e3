#include "tensor/sharded.h"

#include <cmath>
#include <numeric>

namespace kizu {

void share_weights(const torch::nn::Module& original, torch::nn::Module& replica) {
  const torch::NoGradGuard no_grad;
  auto parameters = replica.named_parameters();
  for (const auto& item : original.named_parameters()) {
    auto& parameter = parameters[item.key()];
    parameter.set_data(item.value().detach());
    // Whoever keeps something made from the weights (layers/prepared.h) sees by the version that they
    // changed.
    torch::autograd::impl::set_version_counter(parameter,
                                               torch::autograd::impl::version_counter(item.value()));
  }
  auto buffers = replica.named_buffers();
  for (const auto& item : original.named_buffers()) buffers[item.key()].set_data(item.value().detach());
}

ShardedGradient::ShardedGradient(WorkerPool& pool, std::vector<std::vector<torch::Tensor>> parameters,
                                 int64_t shards)
    : pool_(pool), parameters_(std::move(parameters)), shards_(shards) {
  TORCH_CHECK(static_cast<int>(parameters_.size()) >= pool.size(), "one set of parameters for each worker");
}

Gradient ShardedGradient::compute(const std::function<torch::Tensor(int, int64_t)>& loss) {
  std::vector<double> losses(shards_);
  std::vector<std::vector<torch::Tensor>> gradients(shards_);
  pool_.run(shards_, [&](int worker, int64_t shard) {
    const torch::AutoGradMode grad(true);
    const auto value = loss(worker, shard);
    losses[shard] = value.item<double>();
    gradients[shard] = torch::autograd::grad({value}, parameters_[worker], {}, /*retain_graph=*/false,
                                             /*create_graph=*/false, /*allow_unused=*/true);
  });
  Gradient sum{0, std::move(gradients[0])};
  for (int64_t s = 0; s < shards_; s++) sum.loss += losses[s] / static_cast<double>(shards_);
  // Nothing in place: autograd may hand one tensor to several parameters.
  for_each_tensor(&pool_, sum.of.size(), [&](size_t i) {
    for (int64_t s = 1; s < shards_; s++) {
      const auto& more = gradients[s][i];
      if (!more.defined()) continue;
      sum.of[i] = sum.of[i].defined() ? sum.of[i].add(more) : more;
    }
    if (sum.of[i].defined() && shards_ > 1) sum.of[i] = sum.of[i].div(static_cast<double>(shards_));
  });
  return sum;
}

double clip_norm(std::vector<torch::Tensor>& gradient, double limit, WorkerPool* pool) {
  std::vector<double> squares(gradient.size(), 0);
  for_each_tensor(pool, gradient.size(), [&](size_t i) {
    if (gradient[i].defined()) squares[i] = gradient[i].square().sum().item<double>();
  });
  const double norm = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
  if (norm <= limit) return norm;
  for_each_tensor(pool, gradient.size(), [&](size_t i) {
    if (gradient[i].defined()) gradient[i] = gradient[i].mul(limit / norm);  // not in place, as above
  });
  return norm;
}

}  // namespace kizu
