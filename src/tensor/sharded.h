#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <vector>

#include "tensor/worker_pool.h"

namespace kizu {

/// Makes `replica` use the very parameters and buffers of `original`: same storage, gradients of its own.
/// Both must be of the same architecture.
void share_weights(const torch::nn::Module& original, torch::nn::Module& replica);

/// Mean loss of a batch and its gradient.
struct Gradient {
  double loss = 0;
  std::vector<torch::Tensor> of;  // in the order of the parameters; undefined where a parameter was not used
};

/// Computes gradients in a fixed number of shards, each on one thread with one-thread kernels, summed in the
/// order of the shards: the bytes do not depend on how many workers there are. On a GPU use one shard and one
/// worker.
class ShardedGradient {
 public:
  /// `parameters[w]` are the trainable parameters as worker w sees them (a replica sharing its weights).
  ShardedGradient(WorkerPool& pool, std::vector<std::vector<torch::Tensor>> parameters, int64_t shards);
  /// `loss(worker, shard)` is a scalar: the mean over the shard's samples. Shards weigh alike.
  Gradient compute(const std::function<torch::Tensor(int worker, int64_t shard)>& loss);

 private:
  WorkerPool& pool_;
  std::vector<std::vector<torch::Tensor>> parameters_;
  int64_t shards_;
};

/// Scales the gradient so that its L2 norm is at most `limit`; returns the norm before. The same bytes with a
/// pool and without.
double clip_norm(std::vector<torch::Tensor>& gradient, double limit, WorkerPool* pool = nullptr);

/// Replicas of a network for each worker of a pool: element 0 is `original`, the others share its weights.
template <class Net>
std::vector<std::shared_ptr<Net>> replicas(const std::shared_ptr<Net>& original, int workers,
                                           const std::function<std::shared_ptr<Net>()>& make) {
  std::vector<std::shared_ptr<Net>> all{original};
  for (int i = 1; i < workers; i++) {
    all.push_back(make());
    share_weights(*original, *all.back());
    all.back()->train(original->is_training());
  }
  return all;
}

}  // namespace kizu
