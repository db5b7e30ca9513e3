#include "features/squeezenet.h"

namespace kizu::features {
namespace {

namespace nn = torch::nn;

struct FireShape {
  const char* torchvision;  // place in its sequence
  const char* caffe;
  int64_t in, squeezed, expanded;
  bool pool_before;
  bool tap;  // LPIPS looks at its output
};
constexpr FireShape kFires[] = {
    {"3", "fire2", 64, 16, 64, true, false},    {"4", "fire3", 128, 16, 64, false, true},
    {"6", "fire4", 128, 32, 128, true, false},  {"7", "fire5", 256, 32, 128, false, true},
    {"9", "fire6", 256, 48, 192, true, true},   {"10", "fire7", 384, 48, 192, false, true},
    {"11", "fire8", 384, 64, 256, false, true}, {"12", "fire9", 512, 64, 256, false, true},
};

torch::Tensor pooled(const torch::Tensor& x) {
  return torch::max_pool2d(x, 3, 2, 0, 1, /*ceil_mode=*/true);
}

constexpr int64_t kSqueezeNetSide = 224;

}  // namespace

Fire::Fire(int64_t in, int64_t squeezed, int64_t expanded, const std::string& squeeze_name)
    : squeeze(register_module(squeeze_name, nn::Conv2d(nn::Conv2dOptions(in, squeezed, 1)))),
      expand1x1(register_module("expand1x1", nn::Conv2d(nn::Conv2dOptions(squeezed, expanded, 1)))),
      expand3x3(
          register_module("expand3x3", nn::Conv2d(nn::Conv2dOptions(squeezed, expanded, 3).padding(1)))) {}

torch::Tensor Fire::forward(const torch::Tensor& x) {
  const auto few = torch::relu(squeeze->forward(x));
  return torch::relu(torch::cat({expand1x1->forward(few), expand3x3->forward(few)}, 1));
}

SqueezeNet::SqueezeNet(Make make, int64_t classes) : make_(make) {
  const bool torchvision = make == Make::kTorchvision;
  // torchvision keeps its layers in two sequences, Caffe has none.
  auto* body = torchvision ? register_module("features", std::make_shared<nn::Module>()).get() : this;
  auto* head = torchvision ? register_module("classifier", std::make_shared<nn::Module>()).get() : this;
  first_ =
      body->register_module(torchvision ? "0" : "conv1", nn::Conv2d(nn::Conv2dOptions(3, 64, 3).stride(2)));
  for (const auto& shape : kFires)
    fires_.push_back(body->register_module(torchvision ? shape.torchvision : shape.caffe,
                                           std::make_shared<Fire>(shape.in, shape.squeezed, shape.expanded,
                                                                  torchvision ? "squeeze" : "squeeze1x1")));
  classifier_ =
      head->register_module(torchvision ? "1" : "conv10", nn::Conv2d(nn::Conv2dOptions(512, classes, 1)));
  eval();
}

std::string SqueezeNet::name() const {
  return make_ == Make::kTorchvision ? "SqueezeNet 1.1 (torchvision)" : "SqueezeNet 1.1 (Caffe)";
}

std::vector<torch::Tensor> SqueezeNet::layers(const torch::Tensor& image_01) {
  auto x = make_ == Make::kTorchvision ? as_torchvision(image_01) : as_caffe(image_01);
  x = torch::relu(first_->forward(x));  // [N, 64, H/2, W/2]
  std::vector<torch::Tensor> taps{x};
  for (size_t i = 0; i < fires_.size(); i++) {
    x = fires_[i]->forward(kFires[i].pool_before ? pooled(x) : x);  // down to [N, 512, H/16, W/16]
    if (kFires[i].tap) taps.push_back(x);
  }
  return taps;
}

torch::Tensor SqueezeNet::probabilities(const torch::Tensor& image_01) {
  const auto resized = at::_upsample_bilinear2d_aa(image_01, {kSqueezeNetSide, kSqueezeNetSide}, false);
  const auto classes = torch::relu(classifier_->forward(layers(resized).back()));
  return torch::softmax(classes.mean({2, 3}), 1);
}

}  // namespace kizu::features
