#include "layers/group_norm.h"

#include <cmath>
#include <vector>

#include "layers/exact.h"
#include "layers/gradient.h"
#include "layers/group_norm_gradient.h"
#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

/// Mean and variance of every group from sums over its channels, as a factor and a summand for every channel.
class Normalisation {
 public:
  Normalisation(const float* x, int64_t pixels, int64_t channels)
      : x_(x), pixels_(pixels), channels_(channels), sum_(channels), squares_(channels) {}

  /// Sums around the first pixel, so that a large mean costs no digits.
  void add_channels(int64_t first, int64_t end) {
    kernels().channel_sums(x_ + first, pixels_, channels_, end - first, x_ + first, &sum_[first],
                           &squares_[first]);
  }

  /// `unit_scale` and `unit_shift`: without weight and bias.
  void finish(int64_t groups, double eps, const float* weight, const float* bias, float* scale, float* shift,
              float* unit_scale, float* unit_shift) const {
    const int64_t width = channels_ / groups;
    const auto pixels = static_cast<double>(pixels_);
    for (int64_t first = 0; first < channels_; first += width) {
      double mean = 0, spread = 0;
      for (int64_t c = first; c < first + width; ++c) mean += x_[c] + sum_[c] / pixels;
      mean /= static_cast<double>(width);
      for (int64_t c = first; c < first + width; ++c) {
        const double own = sum_[c] / pixels, off = x_[c] + own - mean;
        spread += squares_[c] - own * sum_[c] + pixels * off * off;
      }
      const double factor = 1 / std::sqrt(spread / (pixels * static_cast<double>(width)) + eps);
      for (int64_t c = first; c < first + width; ++c) {
        const double channel = factor * (weight ? weight[c] : 1.0F);
        scale[c] = static_cast<float>(channel);
        shift[c] = static_cast<float>((bias ? bias[c] : 0.0F) - mean * channel);
        unit_scale[c] = static_cast<float>(factor);
        unit_shift[c] = static_cast<float>(-mean * factor);
      }
    }
  }

 private:
  const float* x_;
  int64_t pixels_, channels_;
  std::vector<double> sum_, squares_;
};

constexpr int64_t kChannelsAtOnce = 64, kPixelsAtOnce = 64;

const float* data_or_null(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

std::vector<float> values_or(const torch::Tensor& tensor, int64_t count, float otherwise) {
  if (!tensor.defined()) return std::vector<float>(count, otherwise);
  return {tensor.data_ptr<float>(), tensor.data_ptr<float>() + count};
}

}  // namespace

torch::Tensor GroupNormImpl::run(const torch::Tensor& input, bool silu) const {
  const auto x = input.detach().contiguous(torch::MemoryFormat::ChannelsLast);
  const int64_t batch = x.size(0), channels = x.size(1), pixels = x.size(2) * x.size(3);
  const auto out = torch::empty(x.sizes(), x.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const float* from = x.data_ptr<float>();
  float* to = out.data_ptr<float>();
  std::vector<Normalisation> images;
  for (int64_t b = 0; b < batch; ++b) images.emplace_back(from + b * pixels * channels, pixels, channels);
  const int64_t threads = at::get_num_threads();
  const int64_t slices = (channels + kChannelsAtOnce - 1) / kChannelsAtOnce;
  in_parallel(threads, batch * slices, [&](int64_t task) {
    const int64_t first = task % slices * kChannelsAtOnce;
    images[task / slices].add_channels(first, std::min(channels, first + kChannelsAtOnce));
  });
  std::vector<float> scale(batch * channels), shift(batch * channels);
  NormKept kept;
  kept.x = x;
  kept.scale.resize(batch * channels);
  kept.shift.resize(batch * channels);
  for (int64_t b = 0; b < batch; ++b)
    images[b].finish(options.num_groups(), options.eps(), data_or_null(weight), data_or_null(bias),
                     &scale[b * channels], &shift[b * channels], &kept.scale[b * channels],
                     &kept.shift[b * channels]);
  const int64_t pieces = (pixels + kPixelsAtOnce - 1) / kPixelsAtOnce;
  in_parallel(threads, batch * pieces, [&](int64_t task) {
    const int64_t b = task / pieces, first = task % pieces * kPixelsAtOnce;
    const int64_t offset = (b * pixels + first) * channels;
    kernels().scale_shift(from + offset, std::min(kPixelsAtOnce, pixels - first), channels,
                          &scale[b * channels], &shift[b * channels], silu, to + offset);
  });
  if (!torch::GradMode::is_enabled() || !input.requires_grad()) return out;
  kept.weight = values_or(weight, channels, 1);
  kept.bias = values_or(bias, channels, 0);
  kept.groups = options.num_groups();
  kept.silu = silu;
  return with_gradient(out, {input},
                       [kept = std::move(kept), unchanged = Kept(x)](const torch::Tensor& gradient) {
                         (void)unchanged.get();
                         return std::vector<torch::Tensor>{group_norm_gradient(gradient, kept)};
                       });
}

torch::Tensor GroupNormImpl::forward(const torch::Tensor& x) {
  return x.dim() == 4 && fast_path({x}, {weight, bias}) ? run(x, false)
                                                        : torch::nn::GroupNormImpl::forward(x);
}

torch::Tensor GroupNormSiLUImpl::forward(const torch::Tensor& x) {
  if (x.dim() == 4 && fast_path({x}, {weight, bias})) return run(x, true);
  return torch::silu(torch::nn::GroupNormImpl::forward(x));
}

}  // namespace kizu::layers
