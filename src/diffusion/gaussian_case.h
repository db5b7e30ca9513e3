#pragma once
#include <torch/torch.h>

#include <cmath>

#include "diffusion/denoiser.h"
#include "tensor/noise.h"

namespace kizu::diffusion {

/// For tests: data with a known normal distribution over 3 channels of one pixel, whose exact denoiser is a
/// formula.
struct GaussianCase {
  torch::Tensor mean = torch::tensor({0.7, -0.3, 0.1}, torch::kFloat64);
  torch::Tensor covariance =
      torch::tensor({{1.2, 0.5, -0.1}, {0.5, 0.6, 0.0}, {-0.1, 0.0, 0.09}}, torch::kFloat64);

  /// Mean and covariance of x_t.
  torch::Tensor mean_at(double alpha_bar) const { return std::sqrt(alpha_bar) * mean; }
  torch::Tensor covariance_at(double alpha_bar) const {
    return alpha_bar * covariance + (1 - alpha_bar) * torch::eye(3, torch::kFloat64);
  }

  /// eps(x_t) = sqrt(1 - alpha_bar) covariance_at^-1 (x_t - mean_at): minus sqrt(1 - alpha_bar) times the
  /// score.
  Denoiser denoiser(const Schedule& schedule) const {
    return [*this, schedule](const torch::Tensor& x, const torch::Tensor& t) {
      const double a = schedule.alpha_bar().at(static_cast<size_t>(t[0].item<int64_t>()));
      const auto centred = x.flatten(1) - mean_at(a);
      return (std::sqrt(1 - a) * centred.matmul(covariance_at(a).inverse())).reshape(x.sizes());
    };
  }

  /// `count` draws of x_t, float64 [count, 3, 1, 1], corrected to have exactly its mean and covariance: what
  /// a deterministic sampler then misses is its own error.
  torch::Tensor draw(int64_t count, double alpha_bar, uint64_t seed) const {
    auto normal = NoiseStream(seed).normal({count, 3}).to(torch::kFloat64);
    normal = normal - normal.mean(0);
    const auto spread = torch::linalg_cholesky(normal.t().matmul(normal) / static_cast<double>(count - 1));
    const auto root = torch::linalg_cholesky(covariance_at(alpha_bar)).matmul(spread.inverse());
    return (mean_at(alpha_bar) + normal.matmul(root.t())).reshape({count, 3, 1, 1});
  }

  /// Where the probability flow takes x from one noise level to another: x' = m' + C'^1/2 C^-1/2 (x - m).
  torch::Tensor flow(const torch::Tensor& x, double from, double to) const {
    const auto root = [](const torch::Tensor& c) {
      const auto [values, vectors] = torch::linalg_eigh(c, "L");
      return vectors.matmul(values.sqrt().diag()).matmul(vectors.t());
    };
    const auto map = root(covariance_at(to)).matmul(root(covariance_at(from)).inverse());
    return (mean_at(to) + (x.flatten(1) - mean_at(from)).matmul(map.t())).reshape(x.sizes());
  }
};

}  // namespace kizu::diffusion
