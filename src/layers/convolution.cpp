#include "layers/convolution.h"

#include <algorithm>
#include <variant>

#include "layers/convolution_gradient.h"
#include "layers/exact.h"
#include "layers/gradient.h"
#include "layers/kernels.h"
#include "layers/product.h"
#include "layers/quick_convolution.h"

namespace kizu::layers {
namespace {

using Pair = torch::ExpandingArray<2>;

/// Null for a padding that is named ("same") instead of given. libtorch's variant is its own or the
/// standard's.
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

template <class Options>
Patches patches_for(const torch::Tensor& x, const Options& options, const Pair& padding) {
  const auto& kernel = *options.kernel_size();
  const int64_t stride = (*options.stride())[0], top = (*padding)[0], left = (*padding)[1];
  return {x.data_ptr<float>(),
          x.size(2),
          x.size(3),
          x.size(1),
          (x.size(2) + 2 * top - kernel[0]) / stride + 1,
          (x.size(3) + 2 * left - kernel[1]) / stride + 1,
          kernel[0],
          kernel[1],
          stride,
          top,
          left};
}

/// Making the points of the few largest weights, which are most of a model, takes as long as it saves. With
/// few channels there is too little to gain. Depends on nothing but the layer, so that rows do not influence
/// each other.
constexpr int64_t kLargestQuick = 1920 * 640, kFewestChannels = 32;

bool may_be_quick(const Patches& p, int64_t out_channels) {
  return p.kernel_height == 3 && p.kernel_width == 3 && p.stride == 1 && p.top == 1 && p.left == 1 &&
         std::min(p.channels, out_channels) >= kFewestChannels && p.channels * out_channels <= kLargestQuick;
}

}  // namespace

bool Conv2dImpl::fast(const torch::Tensor& x, const torch::Tensor& sum) const {
  return fast_path({x, sum}, {weight, bias}) && x.dim() == 4 && options.groups() == 1 &&
         all_are(options.dilation(), 1) && (*options.stride())[0] == (*options.stride())[1] &&
         if_it_is<Pair>(options.padding()) && if_it_is<torch::enumtype::kZeros>(options.padding_mode());
}

torch::Tensor Conv2dImpl::run(const torch::Tensor& input, const torch::Tensor& sum) {
  const auto x = channels_last(input.detach());
  TORCH_CHECK(x.size(1) == options.in_channels(), "convolution: ", x.size(1), " channels instead of ",
              options.in_channels());
  const auto patches = patches_for(x, options, *if_it_is<Pair>(options.padding()));
  const int64_t taps = patches.kernel_height * patches.kernel_width, channels = x.size(1);
  const bool quick = may_be_quick(patches, options.out_channels());
  const auto packed = prepared_.of(weight, bias, [&] {
    const auto filters = weight.contiguous();
    const auto number = number_of(weight);
    if (quick) return pack_quick(filters.data_ptr(), number, channels, options.out_channels());
    auto matrix =
        std::make_shared<PackedMatrix>(taps * channels, options.out_channels(), kMostVectors, number);
    matrix->pack_filters(filters.data_ptr(), channels, taps);
    return matrix;
  });
  const auto out = torch::empty({x.size(0), options.out_channels(), patches.out_height, patches.out_width},
                                x.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const auto added = sum.defined() ? channels_last(sum.detach()) : sum;
  float* start = sum.defined() ? added.data_ptr<float>() : nullptr;
  if (quick) {
    convolve_quickly({patches.map, x.size(0), x.size(2), x.size(3), channels, start, out.data_ptr<float>()},
                     *packed);
    return with_gradient(out, {input, sum}, [packed, channels](const torch::Tensor& gradient) {
      return std::vector<torch::Tensor>{quick_gradient(gradient, *packed, channels), gradient};
    });
  }
  const bool plain_rows = taps == 1 && patches.stride == 1 && patches.top == 0 && patches.left == 0;
  multiply(x.size(0) * patches.out_height * patches.out_width,
           plain_rows ? rows_of(patches.map, channels) : patches_of(patches), *packed, {start, out.size(1)},
           {out.data_ptr<float>(), out.size(1)});
  return with_gradient(out, {input, sum}, [packed, patches](const torch::Tensor& gradient) {
    return std::vector<torch::Tensor>{convolution_gradient(gradient, *packed, patches), gradient};
  });
}

torch::Tensor Conv2dImpl::run_exactly(const torch::Tensor& x) {
  const auto own = widened_for(x, weight);
  if (own.is_same(weight)) return torch::nn::Conv2dImpl::forward(x);
  TORCH_CHECK(if_it_is<torch::enumtype::kZeros>(options.padding_mode()),
              "convolution: weights in 16 bits go with zeros as padding");
  return torch::nn::functional::detail::conv2d(x, own, widened_for(x, bias), options.stride(),
                                               options.padding(), options.dilation(), options.groups());
}

torch::Tensor Conv2dImpl::forward(const torch::Tensor& x) {
  return fast(x, {}) ? run(x, {}) : run_exactly(x);
}

torch::Tensor Conv2dImpl::add_to(const torch::Tensor& sum, const torch::Tensor& x) {
  return fast(x, sum) ? run(x, sum) : sum + run_exactly(x);
}

Conv2d conv3x3(int64_t channels, int64_t out_channels, int64_t stride) {
  return Conv2d(torch::nn::Conv2dOptions(channels, out_channels, 3).stride(stride).padding(1));
}

}  // namespace kizu::layers
