#include "features/plain_network.h"

#include <utility>

namespace kizu::features {

PlainNetwork::PlainNetwork(std::string name, std::vector<PlainLayer> shape)
    : name_(std::move(name)), shape_(std::move(shape)) {
  const auto features = register_module("features", std::make_shared<torch::nn::Module>());
  int64_t in = 3;
  for (const auto& layer : shape_) {
    convolutions_.push_back(
        features->register_module(std::to_string(layer.place),
                                  torch::nn::Conv2d(torch::nn::Conv2dOptions(in, layer.channels, layer.kernel)
                                                        .stride(layer.stride)
                                                        .padding(layer.padding))));
    in = layer.channels;
  }
  eval();
}

std::shared_ptr<PlainNetwork> PlainNetwork::alexnet() {
  return std::make_shared<PlainNetwork>("AlexNet (torchvision)",
                                        std::vector<PlainLayer>{{0, 64, 11, 4, 2, 0, true},
                                                                {3, 192, 5, 1, 2, 3, true},
                                                                {6, 384, 3, 1, 1, 3, true},
                                                                {8, 256, 3, 1, 1, 0, true},
                                                                {10, 256, 3, 1, 1, 0, true}});
}

std::shared_ptr<PlainNetwork> PlainNetwork::vgg16() {
  std::vector<PlainLayer> shape;
  int place = 0;
  for (const auto& [channels, count] :
       {std::pair<int64_t, int>{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int i = 0; i < count; i++, place += 2)
      shape.push_back({place, channels, 3, 1, 1, i == 0 && place > 0 ? 2 : 0, i + 1 == count});
    place++;  // the pool behind each group
  }
  return std::make_shared<PlainNetwork>("VGG16 (torchvision)", shape);
}

std::vector<int64_t> PlainNetwork::channels() const {
  std::vector<int64_t> all;
  for (const auto& layer : shape_)
    if (layer.tap) all.push_back(layer.channels);
  return all;
}

std::vector<torch::Tensor> PlainNetwork::layers(const torch::Tensor& image_01) {
  auto x = as_torchvision(image_01);
  std::vector<torch::Tensor> taps;
  for (size_t i = 0; i < shape_.size(); i++) {
    if (shape_[i].pool_before > 0) x = torch::max_pool2d(x, shape_[i].pool_before, 2);
    x = torch::relu(convolutions_[i]->forward(x));
    if (shape_[i].tap) taps.push_back(x);
  }
  return taps;
}

}  // namespace kizu::features
