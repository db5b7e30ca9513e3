#include "quality/frechet.h"

#include "core/error.h"

namespace kizu::quality {
namespace {

torch::Tensor root(const torch::Tensor& positive) {
  const auto [values, vectors] = torch::linalg_eigh(positive, "L");
  return vectors.matmul(torch::diag(values.clamp_min(0).sqrt())).matmul(vectors.t());
}

torch::Tensor covariance_of(const torch::Tensor& samples) {
  const auto centred = samples - samples.mean(0, true);
  return centred.t().matmul(centred) / std::max<double>(1, static_cast<double>(samples.size(0)) - 1);
}

}  // namespace

double frechet_distance(const torch::Tensor& mean_a, const torch::Tensor& covariance_a,
                        const torch::Tensor& mean_b, const torch::Tensor& covariance_b) {
  // tr (A B)^(1/2) = tr (A^(1/2) B A^(1/2))^(1/2), whose argument is symmetric: no complex root is needed.
  const auto half = root(covariance_a.to(torch::kFloat64));
  const auto product = half.matmul(covariance_b.to(torch::kFloat64)).matmul(half);
  const auto values = std::get<0>(torch::linalg_eigh((product + product.t()) / 2, "L"));
  const double overlap = values.clamp_min(0).sqrt().sum().item<double>();
  const double spread = (covariance_a.trace() + covariance_b.trace()).item<double>();
  const double shift = (mean_a - mean_b).to(torch::kFloat64).square().sum().item<double>();
  return std::max(0.0, shift + spread - 2 * overlap);
}

double frechet_distance(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(0) == 0 || b.size(0) == 0 || a.size(1) != b.size(1))
    throw Error("a Frechet distance needs two sets of samples of the same width, neither empty");
  const auto x = a.to(torch::kFloat64), y = b.to(torch::kFloat64);
  return frechet_distance(x.mean(0), covariance_of(x), y.mean(0), covariance_of(y));
}

}  // namespace kizu::quality
