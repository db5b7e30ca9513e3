#pragma once
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/torch.h>

namespace kizu::ldm {

/// Networks that this thread makes in its scope have shapes but no weights (device "meta"): nothing is
/// allocated and nothing drawn. Give them weights with `adopt` before use.
class WithoutWeights {
 public:
  WithoutWeights();

 private:
  c10::impl::IncludeDispatchKeyGuard guard_;
};

/// Makes `place`, a parameter or buffer wherever it is held, be `value`: same shape, any device and dtype.
void adopt(const torch::Tensor& place, const torch::Tensor& value);

}  // namespace kizu::ldm
