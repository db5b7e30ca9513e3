#include "layers/doubling_convolution.h"

#include "layers/convolution_gradient.h"
#include "layers/exact.h"
#include "layers/gradient.h"
#include "layers/kernels.h"
#include "layers/packed_matrix.h"
#include "layers/product.h"

namespace kizu::layers {
namespace {

/// One of the four convolutions, as its pass back needs it.
struct Quarter {
  std::shared_ptr<const PackedMatrix> weight;
  bool lower, right;
};

torch::Tensor quarters_gradient(const torch::Tensor& gradient, const std::vector<Quarter>& quarters,
                                int64_t channels) {
  const int64_t batch = gradient.size(0), height = gradient.size(2) / 2, width = gradient.size(3) / 2;
  const auto by_quarter =
      gradient.permute({0, 2, 3, 1}).reshape({batch, height, 2, width, 2, gradient.size(1)});
  const auto into = torch::empty({batch, height, width, channels}, gradient.options());
  bool first = true;
  for (const auto& each : quarters) {
    const auto own = by_quarter.select(4, each.right).select(2, each.lower).contiguous();
    add_stride_1_gradient(
        own, *each.weight,
        {nullptr, height, width, channels, height, width, 2, 2, 1, each.lower ? 0 : 1, each.right ? 0 : 1},
        first, into);
    first = false;
  }
  return into.permute({0, 3, 1, 2});
}

/// libtorch 1.13 does not double in bfloat16; every number is only copied, so that float32 changes none.
torch::Tensor doubled(const torch::Tensor& x) {
  const bool narrow = x.scalar_type() == torch::kBFloat16;
  const auto out =
      torch::upsample_nearest2d(narrow ? x.to(torch::kFloat32) : x, {2 * x.size(2), 2 * x.size(3)});
  return narrow ? out.to(torch::kBFloat16) : out;
}

}  // namespace

DoublingConv2dImpl::DoublingConv2dImpl(int64_t channels, int64_t out_channels)
    : Conv2dImpl(torch::nn::Conv2dOptions(channels, out_channels, 3).padding(1)) {}

std::shared_ptr<const PackedMatrix> DoublingConv2dImpl::filters() {
  const int64_t channels = weight.size(1), out_channels = weight.size(0);
  return filters_.of(weight, bias, [&] {
    auto matrix = std::make_shared<PackedMatrix>(9 * channels, out_channels, kMostVectors, number_of(weight));
    matrix->pack_filters(weight.contiguous().data_ptr(), channels, 9);
    return matrix;
  });
}

torch::Tensor DoublingConv2dImpl::forward(const torch::Tensor& input) {
  if (input.dim() != 4 || !fast_path({input}, {weight, bias})) return Conv2dImpl::forward(doubled(input));
  const auto x = input.detach().contiguous(torch::MemoryFormat::ChannelsLast);
  const int64_t batch = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
  const int64_t out_channels = weight.size(0);
  TORCH_CHECK(channels == weight.size(1), "convolution: ", channels, " channels instead of ", weight.size(1));
  const auto result = torch::empty({batch, out_channels, 2 * height, 2 * width},
                                   x.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const auto out = result.permute({0, 2, 3, 1}).view({batch, height, 2, width, 2, out_channels});
  const auto quarter = torch::empty({batch, height, width, out_channels}, x.options());
  const auto nine = filters();
  std::vector<Quarter> used;
  for (const bool lower : {false, true}) {
    for (const bool right : {false, true}) {
      const auto packed = std::make_shared<PackedMatrix>(nine->folded(lower, right));
      used.push_back({packed, lower, right});
      const Patches patches{x.data_ptr<float>(), height,       width, channels, height, width, 2, 2, 1,
                            lower ? 0 : 1,       right ? 0 : 1};
      multiply(batch * height * width, patches_of(patches), *packed, {},
               {quarter.data_ptr<float>(), out_channels});
      out.select(4, right).select(2, lower).copy_(quarter);
    }
  }
  return with_gradient(result, {input}, [used, channels](const torch::Tensor& gradient) {
    return std::vector<torch::Tensor>{quarters_gradient(gradient, used, channels)};
  });
}

}  // namespace kizu::layers
