#include "layers/kernel_graph.h"

#ifdef KIZU_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace kizu::layers {

#ifdef KIZU_CUDA

struct KernelGraph::Recording {
  at::cuda::CUDAGraph graph;
};

namespace {

/// A second stream goes on after what the present one was given until now, and the other way round at the
/// end.
class OtherStream {
 public:
  explicit OtherStream(torch::Device device)
      : before_(c10::cuda::getCurrentCUDAStream(device.index())),
        own_(c10::cuda::getStreamFromPool(false, device.index())) {
    wait(own_, before_);
    guard_ = std::make_unique<c10::cuda::CUDAStreamGuard>(own_);
  }
  ~OtherStream() {
    guard_.reset();
    wait(before_, own_);
  }

 private:
  static void wait(const c10::cuda::CUDAStream& waits, const c10::cuda::CUDAStream& works) {
    at::cuda::CUDAEvent reached;
    reached.record(works);
    reached.block(waits);
  }

  c10::cuda::CUDAStream before_, own_;
  std::unique_ptr<c10::cuda::CUDAStreamGuard> guard_;
};

/// Libraries choose their algorithms and take their work space in the first calls, which cannot be recorded.
constexpr int kCallsBefore = 3;

}  // namespace

KernelGraph::KernelGraph(torch::Device device, std::function<void()> work, const KernelGraph* beside)
    : work_(std::move(work)) {
  if (!device.is_cuda()) return;
  const c10::cuda::CUDAGuard there(device);
  const OtherStream stream(device);
  for (int i = 0; i < kCallsBefore; ++i) work_();
  recording_ = std::make_unique<Recording>();
  if (beside)
    recording_->graph.capture_begin(beside->recording_->graph.pool());
  else
    recording_->graph.capture_begin();
  work_();
  recording_->graph.capture_end();
}

void KernelGraph::launch() {
  recording_ ? recording_->graph.replay() : work_();
}

#else

struct KernelGraph::Recording {};

KernelGraph::KernelGraph(torch::Device device, std::function<void()> work, const KernelGraph*)
    : work_(std::move(work)) {
  TORCH_CHECK(device.is_cpu(), "KernelGraph: built against a libtorch without CUDA");
}

void KernelGraph::launch() {
  work_();
}

#endif

KernelGraph::~KernelGraph() = default;

}  // namespace kizu::layers
