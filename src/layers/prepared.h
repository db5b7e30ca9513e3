#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "layers/tensor_state.h"

namespace kizu::layers {

class PackedMatrix;

/// A layer's weights in the order in which products read them: made at the first use, and again after they
/// have changed, through whichever replica (share_weights in tensor/sharded.h). Weights that lie in a mapped
/// file do not count twice: the pages read for this are given back.
class Prepared {
 public:
  using Make = std::function<std::shared_ptr<PackedMatrix>()>;
  /// For several threads at once. `bias` may be undefined.
  std::shared_ptr<const PackedMatrix> of(const torch::Tensor& weight, const torch::Tensor& bias,
                                         const Make& make);

 private:
  std::mutex mutex_;
  TensorState weight_, bias_;
  std::shared_ptr<const PackedMatrix> packed_;
};

}  // namespace kizu::layers
