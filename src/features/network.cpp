#include "features/network.h"

#include "core/error.h"
#include "features/plain_network.h"
#include "features/resnet.h"
#include "features/squeezenet.h"
#include "tensor/convert.h"

namespace kizu::features {
namespace {

torch::Tensor per_channel(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat32).view({1, 3, 1, 1});
}

bool begins(const std::string& name, const std::string& prefix) {
  return name.compare(0, prefix.size(), prefix) == 0;
}

constexpr const char* kBatches = "num_batches_tracked";

bool counts_batches(const std::string& name) {
  const std::string end = kBatches;
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

/// Shape of a tensor; empty when the file does not have it.
std::vector<int64_t> shape_of(const TensorSource& source, const std::string& name) {
  const auto found = source.tensors().find(name);
  return found == source.tensors().end() ? std::vector<int64_t>() : found->second.shape;
}

int64_t classes_in(const TensorSource& source, const std::string& name) {
  const auto shape = shape_of(source, name);
  return shape.empty() ? 0 : shape.front();
}

constexpr int64_t kMostClasses = 100000;

/// The network whose names and shapes these are, not loaded; null when it is none.
std::shared_ptr<FeatureNetwork> recognised(const TensorSource& source, std::vector<std::string>& unused) {
  if (const auto classes = classes_in(source, "conv10.weight");
      classes > 0 && classes <= kMostClasses && source.tensors().count("fire2.squeeze1x1.weight"))
    return std::make_shared<SqueezeNet>(SqueezeNet::Make::kCaffe, classes);
  if (const auto classes = classes_in(source, "classifier.1.weight");
      classes > 0 && classes <= kMostClasses && source.tensors().count("features.3.squeeze.weight"))
    return std::make_shared<SqueezeNet>(SqueezeNet::Make::kTorchvision, classes);
  if (const auto classes = classes_in(source, "fc.weight");
      classes > 0 && classes <= kMostClasses && source.tensors().count("layer3.5.conv2.weight"))
    return std::make_shared<ResNet34>(classes);
  unused = {"classifier."};
  const auto first = shape_of(source, "features.0.weight");
  if (first == std::vector<int64_t>{64, 3, 11, 11}) return PlainNetwork::alexnet();
  if (first == std::vector<int64_t>{64, 3, 3, 3} && source.tensors().count("features.28.weight"))
    return PlainNetwork::vgg16();
  return nullptr;
}

}  // namespace

torch::Tensor FeatureNetwork::probabilities(const torch::Tensor&) {
  return {};
}

torch::Tensor as_torchvision(const torch::Tensor& image_01) {
  return (image_01 - per_channel({0.485, 0.456, 0.406})) / per_channel({0.229, 0.224, 0.225});
}

torch::Tensor as_caffe(const torch::Tensor& image_01) {
  return image_01.flip(1) * 255 - per_channel({104, 117, 123});
}

void load_from(const TensorSource& source, const std::vector<std::string>& unused, const std::string& origin,
               torch::nn::Module& module) {
  NamedTensors tensors;
  for (const auto& [name, info] : source.tensors()) {
    bool wanted = true;
    for (const auto& prefix : unused) wanted = wanted && !begins(name, prefix);
    if (wanted) tensors[name] = to_tensor(source.read(name), true);
  }
  for (const auto& [name, own] : state_of(module))
    if (counts_batches(name)) tensors.emplace(name, torch::zeros_like(own));
  load_state(module, tensors, "", origin);
}

std::shared_ptr<FeatureNetwork> open_network(const std::filesystem::path& file) {
  const auto source = open_tensors(file);
  std::vector<std::string> unused;
  const auto network = recognised(*source, unused);
  if (!network) {
    throw Error(file.string() +
                " holds none of the networks that measure pictures; give torchvision's SqueezeNet 1.1, "
                "AlexNet, VGG16 or ResNet-34 (.pth or .safetensors)");
  }
  load_from(*source, unused, file.string(), *network);
  network->eval();
  return network;
}

}  // namespace kizu::features
