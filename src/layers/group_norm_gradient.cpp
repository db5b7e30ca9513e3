#include "layers/group_norm_gradient.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

constexpr int64_t kMostChannels = 64;

/// The channels of a picture that one task takes: whole groups, about kMostChannels.
class GroupTask {
 public:
  GroupTask(const NormKept& kept, const float* gradient, float* out)
      : kept_(kept),
        gradient_(gradient),
        out_(out),
        channels_(kept.x.size(1)),
        pixels_(kept.x.size(2) * kept.x.size(3)),
        width_(channels_ / kept.groups) {}

  void run(int64_t picture, int64_t group, int64_t end) const {
    const int64_t first = group * width_, count = (end - group) * width_;
    const int64_t offset = picture * pixels_ * channels_ + first, channel = picture * channels_ + first;
    const NormGradientJob job{kept_.x.data_ptr<float>() + offset,
                              gradient_ + offset,
                              pixels_,
                              channels_,
                              count,
                              &kept_.scale[channel],
                              &kept_.shift[channel],
                              &kept_.weight[first],
                              &kept_.bias[first],
                              kept_.silu};
    std::vector<double> sum(count), products(count);
    kernels().norm_sums(job, sum.data(), products.data());
    std::vector<float> factor(count), shift(count), slope(count);
    for (int64_t c = 0; c < count; c += width_) {
      double total = 0, product = 0;
      for (int64_t i = c; i < c + width_; ++i) {
        total += job.weight[i] * sum[i];
        product += job.weight[i] * products[i];
      }
      const double each = job.scale[c] / (static_cast<double>(pixels_) * static_cast<double>(width_));
      for (int64_t i = c; i < c + width_; ++i) {
        factor[i] = job.scale[c] * job.weight[i];
        shift[i] = static_cast<float>(each * total);
        slope[i] = static_cast<float>(each * product);
      }
    }
    kernels().norm_gradient(job, factor.data(), shift.data(), slope.data(), out_ + offset);
  }

 private:
  const NormKept& kept_;
  const float* gradient_;
  float* out_;
  int64_t channels_, pixels_, width_;
};

}  // namespace

torch::Tensor group_norm_gradient(const torch::Tensor& gradient, const NormKept& kept) {
  const auto dy = gradient.contiguous(torch::MemoryFormat::ChannelsLast);
  const auto dx = torch::empty(dy.sizes(), dy.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const GroupTask all(kept, dy.data_ptr<float>(), dx.data_ptr<float>());
  const int64_t width = dy.size(1) / kept.groups, at_once = std::max<int64_t>(1, kMostChannels / width);
  const int64_t slices = (kept.groups + at_once - 1) / at_once;
  in_parallel(at::get_num_threads(), dy.size(0) * slices, [&](int64_t task) {
    const int64_t group = task % slices * at_once;
    all.run(task / slices, group, std::min(kept.groups, group + at_once));
  });
  return dx;
}

}  // namespace kizu::layers
