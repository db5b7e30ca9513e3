#pragma once
#include <torch/torch.h>

namespace kizu::quality {

/// Distance of two sets of samples [n, d] and [m, d], each taken for a Gaussian (Dowson & Landau 1982; FID of
/// Heusel et al. 2017 with features of one's own choice):
///   |mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))
/// with the unbiased covariances (zero for a single sample). 0 for equal sets. Small sets make it large, so
/// only distances between sets of equal sizes may be compared. Throws Error for an empty set or widths that
/// differ.
double frechet_distance(const torch::Tensor& a, const torch::Tensor& b);

/// The same for Gaussians that are known: means [d], covariances [d, d] (symmetric, positive semi-definite).
double frechet_distance(const torch::Tensor& mean_a, const torch::Tensor& covariance_a,
                        const torch::Tensor& mean_b, const torch::Tensor& covariance_b);

}  // namespace kizu::quality
