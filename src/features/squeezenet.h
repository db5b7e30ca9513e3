#pragma once
#include "features/network.h"

namespace kizu::features {

/// A squeeze to few channels, then 1x1 and 3x3 convolutions side by side (Iandola et al. 2016).
struct Fire : torch::nn::Module {
  /// `squeeze_name` is the first convolution's name in the file.
  Fire(int64_t in, int64_t squeezed, int64_t expanded, const std::string& squeeze_name);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Conv2d squeeze{nullptr}, expand1x1{nullptr}, expand3x3{nullptr};
};

/// SqueezeNet 1.1. Two sets of weights go about: torchvision's, on which LPIPS was calibrated, and the
/// authors' own, trained in Caffe, with other names and another input. 1.2 million weights.
class SqueezeNet : public FeatureNetwork {
 public:
  enum class Make { kTorchvision, kCaffe };
  explicit SqueezeNet(Make make, int64_t classes = 1000);

  std::string name() const override;
  std::vector<torch::Tensor> layers(const torch::Tensor& image_01) override;
  std::vector<int64_t> channels() const override { return {64, 128, 256, 384, 384, 512, 512}; }
  torch::Tensor probabilities(const torch::Tensor& image_01) override;

 private:
  Make make_;
  torch::nn::Conv2d first_{nullptr}, classifier_{nullptr};
  std::vector<std::shared_ptr<Fire>> fires_;
};

}  // namespace kizu::features
