#pragma once
#include <torch/torch.h>

#include <cstdint>

namespace kizu::quality {

/// exp of the mean KL divergence of each picture's class probabilities [n, classes] from their mean
/// (Salimans et al. 2016): 1 when all pictures look alike to the classifier, at most the number of classes.
/// The mean over `splits` parts of the shuffled pictures (torch-fidelity: 10). Published scores are of
/// Inception v3; with another classifier the numbers are other ones. Throws Error for fewer pictures than
/// splits.
double inception_score(const torch::Tensor& probabilities, int64_t splits, uint64_t seed);

/// Ten splits where each gets ten pictures or more, else as many as that allows, at least one.
int64_t splits_for(int64_t pictures);

}  // namespace kizu::quality
