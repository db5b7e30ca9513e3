#include "layers/convolution_gradient.h"

#include <ATen/Parallel.h>

#include "layers/in_parallel.h"
#include "layers/quick_convolution.h"

namespace kizu::layers {
namespace {

std::vector<int64_t> backwards(int64_t count) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) order[static_cast<size_t>(i)] = count - 1 - i;
  return order;
}

/// Every pixel of the input collects what the pixels that looked at it say of it: products [batch * pixels of
/// the output, taps * channels].
void collect(const float* products, int64_t batch, const Patches& p, float* to) {
  const int64_t taps = p.kernel_height * p.kernel_width;
  in_parallel(at::get_num_threads(), batch * p.height, [&](int64_t task) {
    const int64_t y = task % p.height, image = task / p.height;
    float* row = to + task * p.width * p.channels;
    std::fill_n(row, p.width * p.channels, 0.0F);
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t oy = y + p.top - tap / p.kernel_width;
      if (oy < 0 || oy % p.stride != 0 || oy / p.stride >= p.out_height) continue;
      for (int64_t ox = 0; ox < p.out_width; ++ox) {
        const int64_t x = ox * p.stride - p.left + tap % p.kernel_width;
        if (x < 0 || x >= p.width) continue;
        const int64_t pixel = (image * p.out_height + oy / p.stride) * p.out_width + ox;
        const float* from = products + (pixel * taps + tap) * p.channels;
        for (int64_t c = 0; c < p.channels; ++c) row[x * p.channels + c] += from[c];
      }
    }
  });
}

}  // namespace

void add_stride_1_gradient(const torch::Tensor& gradient, const PackedMatrix& weight, const Patches& p,
                           bool first, const torch::Tensor& into) {
  const auto turned = weight.transposed(backwards(p.kernel_height * p.kernel_width));
  const Patches back{gradient.data_ptr<float>(),
                     p.out_height,
                     p.out_width,
                     weight.columns(),
                     p.height,
                     p.width,
                     p.kernel_height,
                     p.kernel_width,
                     1,
                     p.kernel_height - 1 - p.top,
                     p.kernel_width - 1 - p.left};
  const bool plain = p.kernel_height * p.kernel_width == 1 && p.top == 0 && p.left == 0;
  const Place out{into.data_ptr<float>(), p.channels};
  multiply(gradient.size(0) * p.height * p.width, plain ? rows_of(back.map, back.channels) : patches_of(back),
           turned, first ? Place{} : out, out);
}

torch::Tensor convolution_gradient(const torch::Tensor& gradient, const PackedMatrix& weight,
                                   const Patches& p) {
  const auto dy = gradient.contiguous(torch::MemoryFormat::ChannelsLast);
  const int64_t batch = dy.size(0), taps = p.kernel_height * p.kernel_width;
  const auto dx = torch::empty({batch, p.channels, p.height, p.width},
                               dy.options().memory_format(torch::MemoryFormat::ChannelsLast));
  if (p.stride == 1) {
    add_stride_1_gradient(dy, weight, p, true, dx);
    return dx;
  }
  const int64_t rows = batch * p.out_height * p.out_width;
  const auto products = torch::empty({rows, taps * p.channels}, dy.options());
  multiply(rows, rows_of(dy.data_ptr<float>(), weight.columns()), weight.transposed({0}), {},
           {products.data_ptr<float>(), taps * p.channels});
  collect(products.data_ptr<float>(), batch, p, dx.data_ptr<float>());
  return dx;
}

torch::Tensor quick_gradient(const torch::Tensor& gradient, const PackedMatrix& weight, int64_t channels) {
  const auto dy = gradient.contiguous(torch::MemoryFormat::ChannelsLast);
  const auto dx = torch::empty({dy.size(0), channels, dy.size(2), dy.size(3)},
                               dy.options().memory_format(torch::MemoryFormat::ChannelsLast));
  // Turning a filter round swaps the first and the last of its four points along each side.
  constexpr int64_t turned[4] = {3, 1, 2, 0};
  std::vector<int64_t> order;
  for (int64_t point = 0; point < kQuickPoints; ++point)
    order.push_back(4 * turned[point / 4] + turned[point % 4]);
  convolve_quickly(
      {dy.data_ptr<float>(), dy.size(0), dy.size(2), dy.size(3), dy.size(1), nullptr, dx.data_ptr<float>()},
      weight.depth() == kQuickPoints * channels ? weight.transposed(order)
                                                : weight.as_points().transposed(order));
  return dx;
}

}  // namespace kizu::layers
