#pragma once
#include <torch/torch.h>

namespace kizu::anomaly {

/// A picture [3, H, H] in the light of a good one of the same size (in [-1, 1]): as much brighter as most
/// pixels of the ring [1, H, H] are (light_of), then in each channel shifted by a plane, for light often
/// falls from a side. What is in the ring of one of the two alone, such as a part that lies elsewhere, has no
/// say; as it was when the ring is empty.
torch::Tensor relit(const torch::Tensor& seen, const torch::Tensor& good, const torch::Tensor& ring);

}  // namespace kizu::anomaly
