#pragma once
#include <torch/torch.h>

namespace kizu::layers {

enum class Gelu {
  kExact,
  kSigmoid  ///< CLIP's approximation, x sigmoid(1.702 x)
};

/// The activation of every number. Where fast_path allows, the bytes do not depend on the number of threads:
/// torch's do, because a thread computes the last few numbers of its share in another way.
torch::Tensor gelu(const torch::Tensor& x, Gelu kind = Gelu::kExact);

}  // namespace kizu::layers
