#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <optional>
#include <vector>

#include "inspection/localizer_file.h"
#include "tensor/worker_pool.h"

namespace kizu::inspection {

struct Detection {
  torch::Tensor heat;  // [H, W] in [0, 1], the size of the photo: probability of a defect
  double score = 0;    // of the whole photo, from the probabilities (score_map.h)
};

/// Photos at working scale -> probability maps of the same size. Photos larger than the windows that the
/// localizer learned from are cut into tiles of that size (128 to 512 px), which overlap by a quarter and are
/// blended: what it learned to see, it sees again (docs/results.md, "Through the windows it learned from").
/// Views of tiles of all photos are shared among the workers, each on one core, so bytes do not depend on
/// their number. `nets` has one replica for each worker, in evaluation mode.
std::vector<torch::Tensor> heat_maps(const std::vector<std::shared_ptr<Localizer>>& nets, WorkerPool& pool,
                                     const std::vector<torch::Tensor>& images_01, Views views = Views::kOne,
                                     int64_t window = 512);

/// A trained localizer, ready for photos of any size.
class Detector {
 public:
  /// `workers` = 0 takes one per core. Without `views` photos are looked at as the file says.
  explicit Detector(const std::filesystem::path& file, int workers = 0,
                    std::optional<Views> views = std::nullopt);
  const LocalizerInfo& info() const { return info_; }
  /// RGB [3, H, W] in [0, 1].
  Detection detect(const torch::Tensor& image_01);
  /// Several at once, which keeps all cores busy.
  std::vector<Detection> detect(const std::vector<torch::Tensor>& images_01);

 private:
  LocalizerInfo info_;
  Views views_;
  WorkerPool pool_;
  std::vector<std::shared_ptr<Localizer>> nets_;
};

}  // namespace kizu::inspection
