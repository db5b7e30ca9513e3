#pragma once
#include "features/network.h"

namespace kizu::features {

/// Two 3x3 convolutions with batch norms around a shortcut (He et al. 2016).
struct BasicBlock : torch::nn::Module {
  BasicBlock(int64_t in, int64_t out, int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr}, bn2{nullptr};
  torch::nn::Sequential downsample{nullptr};  // null where the shortcut is the identity
};

/// ResNet-34 under torchvision's names: 21.3 million weights and 513 for each class.
class ResNet34 : public FeatureNetwork {
 public:
  explicit ResNet34(int64_t classes);
  /// [N, 3, H, W], normalised or not as the caller has it, any size -> logits [N, classes].
  torch::Tensor forward(const torch::Tensor& x);

  std::string name() const override { return "ResNet-34 (torchvision)"; }
  std::vector<torch::Tensor> layers(const torch::Tensor& image_01) override {
    return stages(as_torchvision(image_01));
  }
  std::vector<int64_t> channels() const override { return {64, 64, 128, 256, 512}; }
  torch::Tensor probabilities(const torch::Tensor& image_01) override;

  /// torchvision's draw: convolutions N(0, sqrt(2 / fan_out)), norms 1 and 0, the classifier uniform within
  /// 1/sqrt(512). Bytes depend on the seed alone.
  void draw_weights(uint64_t seed);
  /// Weights of another file but for the classifier, which keeps its own. Throws Error naming the file.
  void load_body(const std::filesystem::path& file);

 private:
  std::vector<torch::Tensor> stages(torch::Tensor x);

  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr};
  std::vector<torch::nn::Sequential> layers_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace kizu::features
