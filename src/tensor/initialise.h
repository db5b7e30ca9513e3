#pragma once
#include <torch/torch.h>

#include <cstdint>

namespace kizu {

/// Draws every weight of two or more dimensions uniformly in +-gain/sqrt(fan_in) from `seed` and the weight's
/// name, and zeroes biases. Weights that were zeroed on purpose stay zero; norms keep 1 and 0. Bytes depend
/// on the seed only.
void initialise(torch::nn::Module& module, uint64_t seed, double gain = 1.0);

}  // namespace kizu
