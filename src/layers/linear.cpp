#include "layers/linear.h"

#include "layers/exact.h"
#include "layers/in_parallel.h"
#include "layers/kernels.h"
#include "layers/packed_matrix.h"
#include "layers/product.h"

namespace kizu::layers {
namespace {

constexpr size_t kFixedInputs = 4;  // with and without guidance, for two threads

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

torch::Tensor LinearImpl::run(const torch::Tensor& input, const torch::Tensor& sum) {
  const int64_t in = weight.size(1), out_width = weight.size(0);
  const auto x = input.contiguous();
  TORCH_CHECK(x.size(-1) == in, "linear: width ", x.size(-1), " instead of ", in);
  auto shape = x.sizes().vec();
  shape.back() = out_width;
  const auto packed = prepared_.of(weight, bias, [&] {
    auto matrix = std::make_shared<PackedMatrix>(in, out_width, kMostVectors, number_of(weight));
    matrix->pack_columns(weight.contiguous().data_ptr(), in);
    return matrix;
  });
  const auto out = torch::empty(shape, x.options());
  const auto start = sum.defined() ? sum.contiguous() : sum;
  multiply(x.numel() / in, rows_of(x.data_ptr<float>(), in), *packed,
           {sum.defined() ? start.data_ptr<float>() : nullptr, out_width},
           {out.data_ptr<float>(), out_width});
  return out;
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
  if (!fast_path({x}, {weight, bias}) || x.is_inference()) return forward(x);
  auto output = fixed_.find(x, weight, bias);
  if (output.defined()) return output;
  output = run(x, {});
  fixed_.keep(x, weight, bias, output);
  return output;
}

torch::Tensor geglu(const torch::Tensor& x) {
  if (!fast_path({x})) {
    const auto halves = x.chunk(2, -1);
    return halves[0] * torch::gelu(halves[1]);
  }
  const auto in = x.contiguous();
  const int64_t width = x.size(-1) / 2, rows = x.numel() / x.size(-1);
  auto shape = x.sizes().vec();
  shape.back() = width;
  const auto out = torch::empty(shape, x.options());
  constexpr int64_t kRowsAtOnce = 32;
  in_parallel(at::get_num_threads(), (rows + kRowsAtOnce - 1) / kRowsAtOnce, [&](int64_t task) {
    const int64_t end = std::min(rows, (task + 1) * kRowsAtOnce);
    for (int64_t row = task * kRowsAtOnce; row < end; ++row) {
      const float* values = in.data_ptr<float>() + row * 2 * width;
      kernels().gated(values, values + width, width, out.data_ptr<float>() + row * width);
    }
  });
  return out;
}

}  // namespace kizu::layers
