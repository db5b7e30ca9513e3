#include "inspection/losses.h"

#include <algorithm>
#include <cmath>

namespace kizu::inspection {
namespace {

torch::Tensor class_weights(const FocalOptions& options, int64_t classes, const torch::Tensor& like) {
  auto weights = torch::ones({classes}, torch::kFloat64);
  if (!options.class_weights.empty()) {
    weights = torch::tensor(options.class_weights, torch::kFloat64);
    weights = weights / weights.sum();
  } else if (options.alpha) {
    weights.fill_(1 - *options.alpha);
    weights[options.balance_index] = *options.alpha;
  }
  return weights.to(like.options());
}

torch::Tensor gaussian_window(int64_t side, const torch::Tensor& like) {
  std::vector<double> line;
  for (int64_t i = 0; i < side; i++) {
    const auto d = static_cast<double>(i - side / 2);
    line.push_back(std::exp(-d * d / (2 * 1.5 * 1.5)));
  }
  auto row = torch::tensor(line, torch::kFloat32);
  row = row / row.sum();
  return torch::outer(row, row).view({1, 1, side, side}).repeat({like.size(1), 1, 1, 1}).to(like.options());
}

// DRAEM's guess at the range of the values.
double value_range(const torch::Tensor& a) {
  return (a.max().item<double>() > 128 ? 255 : 1) - (a.min().item<double>() < -0.5 ? -1 : 0);
}

}  // namespace

torch::Tensor focal_loss(const torch::Tensor& probabilities, const torch::Tensor& target,
                         const FocalOptions& options) {
  const int64_t classes = probabilities.size(1);
  const auto index = target.squeeze(1).to(torch::kInt64);  // [N, H, W]
  auto one_hot = torch::one_hot(index, classes).movedim(-1, 1).to(probabilities.dtype());
  if (options.smooth > 0) {
    one_hot = one_hot.clamp(options.smooth / static_cast<double>(classes - 1), 1 - options.smooth);
  }
  const auto p_t = (one_hot * probabilities).sum(1) + options.smooth;  // [N, H, W]
  const auto weight = class_weights(options, classes, probabilities).index({index});
  const auto loss = (-weight * (1 - p_t).pow(options.gamma) * p_t.log()).flatten();
  return options.mean ? loss.mean() : loss;
}

torch::Tensor soft_dice_loss(const torch::Tensor& probability, const torch::Tensor& target) {
  const auto common = (probability * target).sum();
  // + 1 pixel: a batch without any defect has loss 0 when nothing is found
  return 1 - (2 * common + 1) / (probability.sum() + target.sum() + 1);
}

torch::Tensor balanced_cross_entropy(const torch::Tensor& logits, const torch::Tensor& target) {
  const auto log_p = torch::log_softmax(logits, 1);
  auto sum = torch::zeros({}, logits.options());
  int64_t present = 0;
  for (int64_t c = 0; c < logits.size(1); c++) {
    const auto here = (target.squeeze(1) == c).to(logits.dtype());
    const double count = here.sum().item<double>();
    if (count == 0) continue;
    sum = sum - (log_p.select(1, c) * here).sum() / count;
    present++;
  }
  return sum / static_cast<double>(std::max<int64_t>(1, present));
}

torch::Tensor ssim_map(const torch::Tensor& a, const torch::Tensor& b) {
  constexpr int64_t kSide = 11;
  const auto window = gaussian_window(kSide, a);
  const auto blur = [&](const torch::Tensor& x) {
    return torch::conv2d(x, window, {}, /*stride=*/1, /*padding=*/kSide / 2, /*dilation=*/1, x.size(1));
  };
  const double range = value_range(a), c1 = std::pow(0.01 * range, 2), c2 = std::pow(0.03 * range, 2);
  const auto mean_a = blur(a), mean_b = blur(b);
  const auto variances = blur(a * a) - mean_a * mean_a + (blur(b * b) - mean_b * mean_b);
  const auto covariance = blur(a * b) - mean_a * mean_b;
  return (2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
         ((mean_a * mean_a + mean_b * mean_b + c1) * (variances + c2));
}

torch::Tensor ssim_loss(const torch::Tensor& a, const torch::Tensor& b) {
  return 1 - ssim_map(a, b).mean();
}

}  // namespace kizu::inspection
