#include "ldm/without_weights.h"

#include <torch/library.h>

namespace kizu::ldm {
namespace {

/// Runs every operator as usual, but makes new tensors on the device "meta".
void on_meta(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const c10::impl::ExcludeDispatchKeyGuard once(c10::DispatchKey::DeferredInit);
  const auto& arguments = op.schema().arguments();
  for (size_t i = 0; i < arguments.size(); ++i)
    if (arguments[i].name() == "device")
      torch::jit::peek(*stack, i, arguments.size()) = c10::Device(c10::kMeta);
  op.callBoxed(stack);
}

}  // namespace

// The key exists for this purpose and is looked at only inside the scope.
TORCH_LIBRARY_IMPL(_, DeferredInit, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_meta>());
}

WithoutWeights::WithoutWeights() : guard_(c10::DispatchKey::DeferredInit) {}

void adopt(const torch::Tensor& place, const torch::Tensor& value) {
  TORCH_CHECK(place.sizes() == value.sizes(), "adopt: ", value.sizes(), " for ", place.sizes());
  // Not set_data: it refuses to go from one kind of device to another.
  place.unsafeGetTensorImpl()->shallow_copy_from(value.detach().getIntrusivePtr());
}

}  // namespace kizu::ldm
