#include "layers/convolution.h"

#include <variant>

#include "layers/exact.h"
#include "layers/product.h"

namespace kizu::layers {
namespace {

using Pair = torch::ExpandingArray<2>;

/// Null for a padding that is named ("same") instead of given. libtorch's variant is its own or the standard's.
template <class Wanted, class Variant>
const Wanted* if_it_is(const Variant& variant) {
  using std::get_if;
  return get_if<Wanted>(&variant);
}

bool all_are(const Pair& pair, int64_t value) {
  return (*pair)[0] == value && (*pair)[1] == value;
}

torch::Tensor channels_last(const torch::Tensor& map) {
  return map.contiguous(torch::MemoryFormat::ChannelsLast);
}

}  // namespace

bool Conv2dImpl::fast(const torch::Tensor& x, const torch::Tensor& sum) const {
  return fast_path({x, sum, weight, bias}) && x.dim() == 4 && options.groups() == 1 &&
         all_are(options.dilation(), 1) && (*options.stride())[0] == (*options.stride())[1] &&
         if_it_is<Pair>(options.padding()) &&
         if_it_is<torch::enumtype::kZeros>(options.padding_mode());
}

torch::Tensor Conv2dImpl::run(const torch::Tensor& input, const torch::Tensor& sum) {
  const auto x = channels_last(input);
  const auto& kernel = *options.kernel_size();
  const auto& padding = **if_it_is<Pair>(options.padding());
  const int64_t stride = (*options.stride())[0], taps = kernel[0] * kernel[1];
  TORCH_CHECK(x.size(1) == options.in_channels(), "convolution: ", x.size(1), " channels instead of ",
              options.in_channels());
  Patches patches{x.data_ptr<float>(), x.size(2), x.size(3), x.size(1), 0, 0, kernel[0], kernel[1], stride,
                  padding[0], padding[1]};
  patches.out_height = (x.size(2) + 2 * padding[0] - kernel[0]) / stride + 1;
  patches.out_width = (x.size(3) + 2 * padding[1] - kernel[1]) / stride + 1;
  const auto packed = prepared_.of(weight, bias, [&](const float* filters) {
    auto matrix = std::make_shared<PackedMatrix>(taps * x.size(1), options.out_channels());
    matrix->pack_filters(filters, x.size(1), taps);
    return matrix;
  });
  const auto out =
      torch::empty({x.size(0), options.out_channels(), patches.out_height, patches.out_width},
                   x.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const auto start = sum.defined() ? channels_last(sum) : sum;
  const bool plain_rows = taps == 1 && stride == 1 && padding[0] == 0 && padding[1] == 0;
  multiply(x.size(0) * patches.out_height * patches.out_width,
           plain_rows ? rows_of(patches.map, x.size(1)) : patches_of(patches), *packed,
           {sum.defined() ? start.data_ptr<float>() : nullptr, out.size(1)},
           {out.data_ptr<float>(), out.size(1)});
  return out;
}

torch::Tensor Conv2dImpl::forward(const torch::Tensor& x) {
  return fast(x, {}) ? run(x, {}) : torch::nn::Conv2dImpl::forward(x);
}

torch::Tensor Conv2dImpl::add_to(const torch::Tensor& sum, const torch::Tensor& x) {
  return fast(x, sum) ? run(x, sum) : sum + torch::nn::Conv2dImpl::forward(x);
}

}  // namespace kizu::layers
