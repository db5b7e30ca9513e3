#pragma once
#include "features/network.h"

namespace kizu::features {

/// A convolution with a ReLU after it, in a plain sequence.
struct PlainLayer {
  int place;  // in torchvision's sequence, which counts ReLUs and pools
  int64_t channels, kernel, stride, padding;
  int64_t pool_before;  // side of a max pool of stride 2 before it; 0 none
  bool tap;             // LPIPS looks at its output
};

/// The convolutions of AlexNet (Krizhevsky 2014) or VGG16 (Simonyan & Zisserman 2015) under torchvision's
/// names; the classifier behind them is not built.
class PlainNetwork : public FeatureNetwork {
 public:
  static std::shared_ptr<PlainNetwork> alexnet();
  static std::shared_ptr<PlainNetwork> vgg16();

  std::string name() const override { return name_; }
  std::vector<torch::Tensor> layers(const torch::Tensor& image_01) override;
  std::vector<int64_t> channels() const override;

  PlainNetwork(std::string name, std::vector<PlainLayer> shape);

 private:
  std::string name_;
  std::vector<PlainLayer> shape_;
  std::vector<torch::nn::Conv2d> convolutions_;
};

}  // namespace kizu::features
