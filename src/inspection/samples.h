#pragma once
#include <torch/torch.h>

#include <vector>

#include "inspection/crop_paste.h"
#include "inspection/mix.h"
#include "inspection/window.h"

namespace kizu::inspection {

/// A photo at working scale.
struct Example {
  torch::Tensor image;  // [3, H, W] uint8
  torch::Tensor mask;   // [1, H, W] uint8, 0 or 1; all 0 on a good photo
};

/// The size at which a photo of height x width is looked at: shrunk so that its short side is `work_size`; a
/// smaller photo stays as it is. {height, width}
std::pair<int64_t, int64_t> working_size(int64_t height, int64_t width, int64_t work_size);
/// RGB [3, H, W] in [0, 1] at working scale, antialiased.
torch::Tensor at_working_size(const torch::Tensor& image_01, int64_t work_size);
/// Photo [3, H, W] in [0, 1] and mask [1, H, W] (undefined: good) -> working scale. A region never vanishes
/// wholly.
Example make_example(const torch::Tensor& image_01, const torch::Tensor& mask, int64_t work_size);

/// What the localizer learns from.
struct TrainingSet {
  std::vector<Example> good;   // without a defect
  std::vector<Example> pairs;  // generated
  std::vector<Example> shots;  // real defects
};

struct SampleOptions {
  int64_t crop = 160;  // side of a training window
  Augmentation augmentation;
  PasteOptions paste;
  /// How far a pasted defect may lie from where the shot had it, as a share of the photo; 1 and more:
  /// anywhere.
  double paste_shift = 1;
  /// Perlin defects cover about as many pixels as those of the shots; false: DRAEM's sizes.
  bool perlin_as_shots = true;
  /// Share of windows on defective photos that are moved to the defect; the others lie anywhere.
  double aimed = 0.85;
  /// Share of the windows on generated pairs in which the defect is turned in place (crop_paste.h).
  double turned = 0;
};

/// Throws Error when the mix draws from a pool that is empty.
void check_pools(const TrainingSet& set, const Mix& mix);
/// The sample that belongs to the seed.
Sample draw_sample(const TrainingSet& set, const Mix& mix, const SampleOptions& options, uint64_t seed);
/// `count` samples for seeds mix(seed, "sample", first), ...: images [B, 3, S, S], masks [B, 1, S, S].
Sample draw_batch(const TrainingSet& set, const Mix& mix, const SampleOptions& options, uint64_t seed,
                  int64_t first, int64_t count);

}  // namespace kizu::inspection
