#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "core/observer.h"
#include "features/resnet.h"

namespace kizu::inspection {

/// Pictures whose defect type is known.
struct LabelledSet {
  std::vector<torch::Tensor> images;  // [3, side, side] uint8
  std::vector<int64_t> labels;        // 0 .. classes - 1
  int64_t classes = 0;
};

/// How the classifier of defect types is trained. The published protocol (method.md, 7.3) is 256 px, batch 8,
/// Adam 1e-4 falling by 0.2 at 80 % and 90 %, and as many steps as 150 looks at every picture take.
struct ClassifyOptions {
  int64_t side = 256;
  int64_t steps = 0;  // 0: 150 looks at every picture
  int64_t batch = 8;
  double rate = 1e-4;
  std::filesystem::path resnet;  // torchvision's ResNet-34 to begin with; empty: drawn from the seed
  uint64_t seed = 0;
  int64_t checkpoint_every = 50;

  /// Steps of the published protocol for so many pictures.
  static int64_t published_steps(int64_t pictures, int64_t batch) { return 30 * 5 * pictures / batch; }
  /// Throws Error naming the option.
  void check() const;
};

struct ClassifyOutcome {
  std::filesystem::path file;                    // classifier.safetensors
  std::vector<std::pair<int64_t, double>> loss;  // step and mean loss since the last entry
  int64_t steps = 0;
};

/// Trains a ResNet-34 to tell the defect types apart and writes `folder`/classifier.safetensors. Its state is
/// saved in `folder`; stopped, the same call goes on to the same bytes. The last weights are kept: nothing is
/// chosen. One core, since its batch norms must see the whole batch.
ClassifyOutcome train_classifier(const LabelledSet& set, const ClassifyOptions& options,
                                 const std::filesystem::path& folder, Observer& observer);

/// The most likely class of each picture [3, side, side] uint8.
std::vector<int64_t> classify(features::ResNet34& network, const std::vector<torch::Tensor>& images);

}  // namespace kizu::inspection
