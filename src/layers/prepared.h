#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <mutex>

#include "layers/packed_matrix.h"

namespace kizu::layers {

/// A layer's weights in the order in which products read them: made at the first use, and again after they
/// have changed. Weights that lie in a mapped file do not count twice: the pages read for this are given back.
class Prepared {
 public:
  using Make = std::function<std::shared_ptr<PackedMatrix>(const float* weight)>;
  /// For several threads at once. `bias` may be undefined.
  std::shared_ptr<const PackedMatrix> of(const torch::Tensor& weight, const torch::Tensor& bias, const Make& make);

 private:
  /// A tensor as it was: the storage is kept, so that no other can come to lie at its address.
  struct State {
    explicit State(const torch::Tensor& tensor = {});
    bool operator==(const State& other) const;
    c10::Storage storage;
    const void* data = nullptr;
    uint32_t version = 0;
  };

  std::mutex mutex_;
  State weight_, bias_;
  std::shared_ptr<const PackedMatrix> packed_;
};

}  // namespace kizu::layers
