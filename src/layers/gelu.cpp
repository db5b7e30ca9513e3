#include "layers/gelu.h"

#include "layers/exact.h"
#include "layers/gradient.h"
#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

/// Calls each(first, count) for all numbers, on all cores.
template <class Each>
void in_pieces(int64_t numbers, Each each) {
  constexpr int64_t kAtOnce = 16384;
  in_parallel(at::get_num_threads(), (numbers + kAtOnce - 1) / kAtOnce,
              [&](int64_t task) { each(task * kAtOnce, std::min(kAtOnce, numbers - task * kAtOnce)); });
}

}  // namespace

torch::Tensor gelu(const torch::Tensor& x, Gelu kind) {
  const bool approximate = kind == Gelu::kSigmoid;
  if (!fast_path({x})) return approximate ? x * torch::sigmoid(1.702 * x) : torch::gelu(x);
  const auto in = x.detach().contiguous();
  const auto out = torch::empty(in.sizes(), in.options());
  in_pieces(in.numel(), [&](int64_t first, int64_t count) {
    kernels().gelu(in.data_ptr<float>() + first, count, approximate, out.data_ptr<float>() + first);
  });
  return with_gradient(out, {x}, [kept = Kept(in), approximate](const torch::Tensor& gradient) {
    const auto& seen = kept.get();
    const auto dy = gradient.contiguous(), dx = torch::empty(dy.sizes(), dy.options());
    in_pieces(dy.numel(), [&](int64_t first, int64_t count) {
      kernels().gelu_gradient(seen.data_ptr<float>() + first, dy.data_ptr<float>() + first, count,
                              approximate, dx.data_ptr<float>() + first);
    });
    return std::vector<torch::Tensor>{dx};
  });
}

}  // namespace kizu::layers
