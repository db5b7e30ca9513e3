#pragma once
#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>

namespace kizu::inspection {

/// What a localizer is made of; fixed by its weights.
struct LocalizerConfig {
  std::string net = "light";  // "light" or "draem"
  int64_t width = 16;         // channels of the first level
};

/// A network that says for each pixel whether it belongs to a defect.
class Localizer : public torch::nn::Module {
 public:
  /// RGB [N, 3, H, W] in [0, 1], any H and W -> logits [N, 2, H, W] (good, defect).
  virtual torch::Tensor forward(const torch::Tensor& image_01) = 0;
};

/// Builds the network; weights are drawn from the seed. Throws Error for an unknown name or a width below 1.
std::shared_ptr<Localizer> make_localizer(const LocalizerConfig& config, uint64_t seed);

/// DRAEM's discriminative U-Net (Zavrtanik et al. 2021), the localizer of the method: parameters are named as
/// in its checkpoints. Six levels, batch norm; bilinear upsampling with aligned corners. 28.4 million weights
/// at width 64.
class DraemNet : public Localizer {
 public:
  DraemNet(int64_t width, int64_t in_channels = 3, int64_t out_channels = 2);
  torch::Tensor forward(const torch::Tensor& image_01) override;
  /// The reference's draw: convolutions N(0, 0.02), norms N(1, 0.02), biases 0.
  void draw_weights(uint64_t seed);

 private:
  torch::Tensor run(const std::string& part, const torch::Tensor& x);
  std::map<std::string, torch::nn::Sequential> parts_;
};

/// Both networks halve an image five times: their coarsest cell is so many pixels wide.
inline constexpr int64_t kCoarsestCell = 32;
/// An extent in pixels, rounded up to whole cells.
inline int64_t whole_cells(int64_t extent) {
  return (extent + kCoarsestCell - 1) / kCoarsestCell * kCoarsestCell;
}

/// Pads right and bottom by repeating the border until both sides are multiples of `multiple`.
torch::Tensor pad_to_multiple(const torch::Tensor& image, int64_t multiple);

}  // namespace kizu::inspection
