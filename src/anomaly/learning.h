#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "anomaly/embedding.h"
#include "anomaly/window.h"
#include "core/observer.h"
#include "image/image.h"

namespace kizu::anomaly {

/// One real defect photo with its mask.
struct DefectPhoto {
  std::string type;
  Image image;
  Mask mask;
};

/// How much of the base learns along with the anomaly embedding; each contains those before it.
enum class Tuned { kTokens, kSpatial, kCrossAttention, kUNet };

struct LearnOptions {
  Tuned tuned = Tuned::kCrossAttention;
  int64_t steps_per_type = 160;  // upper bound; training stops when flat
  int64_t batch = 8;
  int64_t variants = 6;  // flipped, shifted and zoomed copies of each shot
  double token_rate = 5e-3, spatial_rate = 3e-4, cross_attention_rate = 5e-4, unet_rate = 2e-4;
  double inside = 1, whole = 0.1;  // weights of the masked loss and of the loss over the whole window
  WindowOptions window;
  uint64_t seed = 1;
  int64_t shards = 4;
  int workers = 0;
  int64_t check_every = 40;  // steps between looks at the fixed noise draws
  double flat = 0.01;        // stop when three looks in a row gain less than this share

  /// Throws Error naming the option that is out of range.
  void check() const;
};

/// The shots as the base sees them: windows with the real defect, its mask, and a pseudo-normal background.
/// The background comes from inpainting: a shot's own latent would leak the defect into its surroundings, and
/// the model would learn to read it there.
struct ShotWindow {
  int64_t type = 0, shot = 0;  // index of the type, index of the shot within it
  torch::Tensor flawed;        // latent [C, h, w]
  torch::Tensor background;    // latent of the pseudo-normal [C, h, w]
  torch::Tensor mask;          // [1, 8h, 8w]
  torch::Tensor change;        // [3]: what the defect changes in its mask on average, in [-1, 1] pictures
};
std::vector<ShotWindow> encode_shots(ldm::CompactModel& model, const std::vector<std::string>& types,
                                     const std::vector<DefectPhoto>& shots, const LearnOptions& options);

/// What learning went through: losses on noise draws that stay the same from look to look.
struct LearningCurve {
  std::vector<int64_t> steps;
  std::vector<double> loss;
  bool stopped_early = false;
};

/// Learns one anomaly embedding per type, and what `tuned` names, jointly over all types: masked diffusion
/// loss, normalised by mask area. Starts from what the appearance encoder sees in the shots. `folder` keeps
/// the checkpoint. The model's tuned weights are changed in place. Throws Error for a type without shots.
Embeddings learn(ldm::CompactModel& model, const std::vector<std::string>& types,
                 const std::vector<DefectPhoto>& shots, const LearnOptions& options,
                 const std::filesystem::path& folder, Observer& observer, LearningCurve& curve);

}  // namespace kizu::anomaly
