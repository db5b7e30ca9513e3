#pragma once
#include <torch/torch.h>

namespace kizu::layers {

/// A tensor as it was at a moment. The storage is kept, so that no other can come to lie at its address.
struct TensorState {
  TensorState() = default;
  explicit TensorState(const torch::Tensor& tensor) {
    if (!tensor.defined()) return;
    storage = tensor.storage();
    data = tensor.data_ptr();
    if (!tensor.is_inference()) version = tensor._version();
    sizes = tensor.sizes().vec();
    strides = tensor.strides().vec();
  }
  /// Whether both were the same numbers in the same memory.
  bool operator==(const TensorState& other) const {
    return data == other.data && version == other.version && sizes == other.sizes && strides == other.strides;
  }

  c10::Storage storage;
  const void* data = nullptr;
  uint32_t version = 0;  // counts changes in place
  std::vector<int64_t> sizes, strides;
};

}  // namespace kizu::layers
