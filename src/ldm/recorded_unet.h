#pragma once
#include <torch/torch.h>

#include <list>
#include <optional>

#include "layers/kernel_graph.h"
#include "ldm/unet.h"

namespace kizu::ldm {

/// A U-Net in a sampling loop: for inputs of shapes that came before, its kernels are launched together
/// (layers/kernel_graph.h). The weights must be frozen and stay where they are. For one thread at a time.
class RecordedUNet {
 public:
  explicit RecordedUNet(UNet unet) : unet_(std::move(unet)) {}
  /// As UNetImpl's, without gradients.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& t, const torch::Tensor& context,
                        const AttentionWeights* weights = nullptr);
  /// Of how many shapes the kernels are kept; all share the memory for what a pass makes.
  static constexpr size_t kMostShapes = 4;

 private:
  /// Tensors that stay where they are, and the work on them.
  struct Pass {
    torch::Tensor x, t, context, out;
    AttentionWeights weights;
    std::optional<layers::KernelGraph> graph;
  };
  using Passes = std::list<Pass>;

  Passes::iterator pass_for(const torch::Tensor& x, const torch::Tensor& context,
                            const AttentionWeights* weights);
  void record(Pass& pass);

  UNet unet_;
  Passes passes_;  // the one that was used last comes first
};

}  // namespace kizu::ldm
