#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "weights/tensor_source.h"

namespace kizu::features {

/// A network that was trained on photographs and whose inner layers tell what a picture looks like. Children
/// bear the names of the file it is loaded from. Always in evaluation mode; may be used by several threads.
class FeatureNetwork : public torch::nn::Module {
 public:
  /// Architecture and make: "SqueezeNet 1.1 (torchvision)".
  virtual std::string name() const = 0;
  /// RGB [N, 3, H, W] in [0, 1] -> the layers [N, C, h, w] that LPIPS looks at, fine ones first.
  virtual std::vector<torch::Tensor> layers(const torch::Tensor& image_01) = 0;
  /// Channels of those layers.
  virtual std::vector<int64_t> channels() const = 0;
  /// Probabilities of its classes [N, classes], from pictures of any size; undefined for a network that is
  /// used without its classifier.
  virtual torch::Tensor probabilities(const torch::Tensor& image_01);
};

/// (x - mean) / deviation of ImageNet's colours, torchvision's way; also the input of LPIPS.
torch::Tensor as_torchvision(const torch::Tensor& image_01);
/// BGR, 0..255, less ImageNet's mean colour: Caffe's way.
torch::Tensor as_caffe(const torch::Tensor& image_01);

/// Opens a file of torchvision's SqueezeNet 1.1, AlexNet, VGG16 or ResNet-34 (.pth or safetensors), or of the
/// SqueezeNet 1.1 of Caffe (its layers' names), told by names and shapes. Throws Error naming the file when
/// it is none of them, damaged or incomplete.
std::shared_ptr<FeatureNetwork> open_network(const std::filesystem::path& file);

/// Loads the module's tensors from a file, as float32. Names in `unused` (prefixes) may be left over; counts
/// of batches, which old files lack, stay 0. Throws Error naming the file.
void load_from(const TensorSource& source, const std::vector<std::string>& unused, const std::string& origin,
               torch::nn::Module& module);

}  // namespace kizu::features
