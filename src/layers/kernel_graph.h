#pragma once
#include <torch/torch.h>

#include <functional>
#include <memory>

namespace kizu::layers {

/// Work of many small kernels that is done again and again on tensors that stay where they are: on a CUDA
/// device its kernels are recorded here and then launched together, which spares the time in which a CPU
/// launches them one by one. Elsewhere launch() calls `work`.
class KernelGraph {
 public:
  /// `work` may neither copy from or to the CPU nor wait for the device, and reads its inputs from tensors
  /// that live as long as the graph. What it makes is there after each launch(). What it needs in between
  /// lies in the memory of `beside`, if there is one: never launch both at once.
  KernelGraph(torch::Device device, std::function<void()> work, const KernelGraph* beside = nullptr);
  ~KernelGraph();
  KernelGraph(const KernelGraph&) = delete;
  KernelGraph& operator=(const KernelGraph&) = delete;
  void launch();

 private:
  struct Recording;
  std::function<void()> work_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace kizu::layers
