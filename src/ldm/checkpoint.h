#pragma once
#include <torch/torch.h>

#include <functional>
#include <vector>

namespace kizu::ldm {

/// A part of a network as a function of the tensors that gradients pass through.
using Part = std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs)>;

/// part(inputs), without keeping what its backward pass needs: that pass computes the part again (Chen et al.
/// 2016). Only gradients of the inputs are returned: the part's weights must be frozen (layers/ then computes
/// the same with and without gradients). Without gradients it is a plain call.
torch::Tensor checkpoint(const Part& part, const std::vector<torch::Tensor>& inputs);

}  // namespace kizu::ldm
