#include "features/resnet.h"

#include <cmath>

#include "core/error.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::features {
namespace {

namespace nn = torch::nn;

nn::Conv2d conv(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

constexpr int64_t kResNetSide = 224;

}  // namespace

BasicBlock::BasicBlock(int64_t in, int64_t out, int64_t stride)
    : conv1(register_module("conv1", conv(in, out, 3, stride))),
      conv2(register_module("conv2", conv(out, out, 3, 1))),
      bn1(register_module("bn1", nn::BatchNorm2d(out))),
      bn2(register_module("bn2", nn::BatchNorm2d(out))) {
  if (stride != 1 || in != out)
    downsample =
        register_module("downsample", nn::Sequential(conv(in, out, 1, stride), nn::BatchNorm2d(out)));
}

torch::Tensor BasicBlock::forward(const torch::Tensor& x) {
  const auto inner = bn2->forward(conv2->forward(torch::relu(bn1->forward(conv1->forward(x)))));
  return torch::relu(inner + (downsample.is_empty() ? x : downsample->forward(x)));
}

ResNet34::ResNet34(int64_t classes)
    : conv1_(
          register_module("conv1", nn::Conv2d(nn::Conv2dOptions(3, 64, 7).stride(2).padding(3).bias(false)))),
      bn1_(register_module("bn1", nn::BatchNorm2d(64))),
      fc_(register_module("fc", nn::Linear(512, classes))) {
  int64_t in = 64;
  for (const auto& [out, count] : {std::pair<int64_t, int>{64, 3}, {128, 4}, {256, 6}, {512, 3}}) {
    nn::Sequential blocks;
    for (int i = 0; i < count; i++) {
      blocks->push_back(BasicBlock(in, out, i == 0 && out > 64 ? 2 : 1));
      in = out;
    }
    layers_.push_back(register_module("layer" + std::to_string(layers_.size() + 1), blocks));
  }
  eval();
}

std::vector<torch::Tensor> ResNet34::stages(torch::Tensor x) {
  x = torch::relu(bn1_->forward(conv1_->forward(x)));  // [N, 64, H/2, W/2]
  std::vector<torch::Tensor> all{x};
  x = torch::max_pool2d(x, 3, 2, 1);
  for (auto& blocks : layers_) all.push_back(x = blocks->forward(x));  // down to [N, 512, H/32, W/32]
  return all;
}

torch::Tensor ResNet34::forward(const torch::Tensor& x) {
  return fc_->forward(stages(x).back().mean({2, 3}));
}

torch::Tensor ResNet34::probabilities(const torch::Tensor& image_01) {
  const auto resized = at::_upsample_bilinear2d_aa(image_01, {kResNetSide, kResNetSide}, false);
  return torch::softmax(forward(as_torchvision(resized)), 1);
}

void ResNet34::draw_weights(uint64_t seed) {
  const torch::NoGradGuard no_grad;
  for (auto& item : named_parameters()) {
    auto value = item.value();
    NoiseStream stream(mix(seed, item.key()));
    if (value.dim() == 4) {
      const double fan_out = static_cast<double>(value.size(0) * value.size(2) * value.size(3));
      value.copy_(stream.normal(value.sizes()).mul_(std::sqrt(2 / fan_out)));
    } else if (item.key().rfind("fc.", 0) == 0) {
      value.copy_(stream.uniform_tensor(value.sizes()).mul_(2).sub_(1).mul_(1 / std::sqrt(512.0)));
    } else {
      value.fill_(item.key().size() > 4 && item.key().substr(item.key().size() - 4) == "bias" ? 0 : 1);
    }
  }
}

void ResNet34::load_body(const std::filesystem::path& file) {
  const auto other = std::dynamic_pointer_cast<ResNet34>(open_network(file));
  if (!other) throw Error(file.string() + " is another network; --resnet wants torchvision's ResNet-34");
  const torch::NoGradGuard no_grad;
  const auto own = state_of(*this);
  for (const auto& [name, value] : state_of(*other))
    if (name.rfind("fc.", 0) != 0) torch::Tensor(own.at(name)).copy_(value);
}

}  // namespace kizu::features
