#include "layers/linear.h"

#include "layers/exact.h"
#include "layers/gradient.h"
#include "layers/in_parallel.h"
#include "layers/kernels.h"
#include "layers/packed_matrix.h"
#include "layers/product.h"

namespace kizu::layers {
namespace {

constexpr size_t kFixedInputs = 4;  // with and without guidance, for two threads

/// x [..., depth] * right + sum, without recording.
torch::Tensor product(const torch::Tensor& input, const PackedMatrix& right, const torch::Tensor& sum) {
  const torch::NoGradGuard no_grad;
  const auto x = input.contiguous(), start = sum.defined() ? sum.contiguous() : sum;
  auto shape = x.sizes().vec();
  shape.back() = right.columns();
  const auto out = torch::empty(shape, x.options());
  multiply(x.numel() / right.depth(), rows_of(x.data_ptr<float>(), right.depth()), right,
           {sum.defined() ? start.data_ptr<float>() : nullptr, right.columns()},
           {out.data_ptr<float>(), right.columns()});
  return out;
}

}  // namespace

torch::Tensor FixedInputs::find(const torch::Tensor& x, const torch::Tensor& weight,
                                const torch::Tensor& bias) {
  const TensorState input(x), weights(weight), biases(bias);
  const std::lock_guard lock(mutex_);
  for (const auto& each : outputs_)
    if (each.input == input && each.weight == weights && each.bias == biases) return each.output;
  return {};
}

void FixedInputs::keep(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                       const torch::Tensor& output) {
  const std::lock_guard lock(mutex_);
  outputs_.push_back({TensorState(x), TensorState(weight), TensorState(bias), output});
  if (outputs_.size() > kFixedInputs) outputs_.pop_front();
}

torch::Tensor LinearImpl::run(const torch::Tensor& x, const torch::Tensor& sum) {
  const int64_t in = weight.size(1), out_width = weight.size(0);
  TORCH_CHECK(x.size(-1) == in, "linear: width ", x.size(-1), " instead of ", in);
  const auto packed = prepared_.of(weight, bias, [&] {
    auto matrix = std::make_shared<PackedMatrix>(in, out_width, kMostVectors, number_of(weight));
    matrix->pack_columns(weight.contiguous().data_ptr(), in);
    return matrix;
  });
  const auto turned_back = [packed](const torch::Tensor& gradient) {
    return std::vector<torch::Tensor>{product(gradient, packed->transposed({0}), {}), gradient};
  };
  return with_gradient(product(x, *packed, sum), {x, sum}, turned_back);
}

torch::Tensor LinearImpl::run_exactly(const torch::Tensor& x) const {
  return torch::nn::functional::linear(x, widened_for(x, weight), widened_for(x, bias));
}

torch::Tensor LinearImpl::forward(const torch::Tensor& x) {
  return fast_path({x}, {weight, bias}) ? run(x, {}) : run_exactly(x);
}

torch::Tensor LinearImpl::add_to(const torch::Tensor& sum, const torch::Tensor& x) {
  return fast_path({x, sum}, {weight, bias}) ? run(x, sum) : sum + run_exactly(x);
}

torch::Tensor LinearImpl::of_fixed(const torch::Tensor& x) {
  const bool recording = torch::GradMode::is_enabled() && x.requires_grad();
  if (recording || !fast_path({x}, {weight, bias}) || x.is_inference()) return forward(x);
  auto output = fixed_.find(x, weight, bias);
  if (output.defined()) return output;
  output = run(x, {});
  fixed_.keep(x, weight, bias, output);
  return output;
}

namespace {

/// Calls each(row) for all rows, on all cores.
template <class Each>
void for_rows(int64_t rows, Each each) {
  constexpr int64_t kRowsAtOnce = 32;
  in_parallel(at::get_num_threads(), (rows + kRowsAtOnce - 1) / kRowsAtOnce, [&](int64_t task) {
    const int64_t end = std::min(rows, (task + 1) * kRowsAtOnce);
    for (int64_t row = task * kRowsAtOnce; row < end; ++row) each(row);
  });
}

torch::Tensor geglu_gradient(const torch::Tensor& in, const torch::Tensor& gradient) {
  const auto dy = gradient.contiguous();
  const int64_t width = dy.size(-1);
  const auto dx = torch::empty(in.sizes(), in.options());
  for_rows(dy.numel() / width, [&](int64_t row) {
    const float* values = in.data_ptr<float>() + row * 2 * width;
    float* to = dx.data_ptr<float>() + row * 2 * width;
    kernels().gated_gradient(values, values + width, dy.data_ptr<float>() + row * width, width, to,
                             to + width);
  });
  return dx;
}

}  // namespace

torch::Tensor geglu(const torch::Tensor& x) {
  if (!fast_path({x})) {
    const auto halves = x.chunk(2, -1);
    return halves[0] * torch::gelu(halves[1]);
  }
  const auto in = x.detach().contiguous();
  const int64_t width = x.size(-1) / 2;
  auto shape = x.sizes().vec();
  shape.back() = width;
  const auto out = torch::empty(shape, in.options());
  for_rows(x.numel() / x.size(-1), [&](int64_t row) {
    const float* values = in.data_ptr<float>() + row * 2 * width;
    kernels().gated(values, values + width, width, out.data_ptr<float>() + row * width);
  });
  return with_gradient(out, {x}, [kept = Kept(in)](const torch::Tensor& gradient) {
    return std::vector<torch::Tensor>{geglu_gradient(kept.get(), gradient)};
  });
}

}  // namespace kizu::layers
