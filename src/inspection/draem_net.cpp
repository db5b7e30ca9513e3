#include <string>

#include "inspection/localizer_net.h"
#include "tensor/noise.h"

namespace kizu::inspection {
namespace {

namespace nn = torch::nn;

nn::Conv2d conv3(int64_t in, int64_t out) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, 3).padding(1));
}

nn::Sequential double_conv(int64_t in, int64_t out) {
  return nn::Sequential(conv3(in, out), nn::BatchNorm2d(out), nn::ReLU(), conv3(out, out),
                        nn::BatchNorm2d(out), nn::ReLU());
}

nn::Sequential upsampling(int64_t in, int64_t out) {
  const auto twice = nn::UpsampleOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kBilinear);
  return nn::Sequential(nn::Upsample(nn::UpsampleOptions(twice).align_corners(true)), conv3(in, out),
                        nn::BatchNorm2d(out), nn::ReLU());
}

}  // namespace

DraemNet::DraemNet(int64_t width, int64_t in_channels, int64_t out_channels) {
  const int64_t w = width;
  const auto encoder = register_module("encoder_segment", std::make_shared<nn::Module>());
  const auto decoder = register_module("decoder_segment", std::make_shared<nn::Module>());
  const auto add = [this](const std::shared_ptr<nn::Module>& to, const std::string& name,
                          const nn::Sequential& part) {
    parts_.emplace(name, to->register_module(name, part));
  };
  add(encoder, "block1", double_conv(in_channels, w));
  add(encoder, "block2", double_conv(w, 2 * w));
  add(encoder, "block3", double_conv(2 * w, 4 * w));
  add(encoder, "block4", double_conv(4 * w, 8 * w));
  add(encoder, "block5", double_conv(8 * w, 8 * w));
  add(encoder, "block6", double_conv(8 * w, 8 * w));
  add(decoder, "up_b", upsampling(8 * w, 8 * w));
  add(decoder, "db_b", double_conv(16 * w, 8 * w));
  add(decoder, "up1", upsampling(8 * w, 4 * w));
  add(decoder, "db1", double_conv(12 * w, 4 * w));
  add(decoder, "up2", upsampling(4 * w, 2 * w));
  add(decoder, "db2", double_conv(6 * w, 2 * w));
  add(decoder, "up3", upsampling(2 * w, w));
  add(decoder, "db3", double_conv(3 * w, w));
  add(decoder, "up4", upsampling(w, w));
  add(decoder, "db4", double_conv(2 * w, w));
  add(decoder, "fin_out", nn::Sequential(conv3(w, out_channels)));
}

torch::Tensor DraemNet::run(const std::string& part, const torch::Tensor& x) {
  return parts_.at(part)->forward(x);
}

torch::Tensor DraemNet::forward(const torch::Tensor& image_01) {
  const int64_t height = image_01.size(2), width = image_01.size(3);
  auto x = pad_to_multiple(image_01, kCoarsestCell);
  std::vector<torch::Tensor> levels;  // [N, w, H, W], [N, 2w, H/2, W/2], ... [N, 8w, H/32, W/32]
  for (int level = 1; level <= 6; level++) {
    if (level > 1) x = torch::max_pool2d(x, 2);
    x = run("block" + std::to_string(level), x);
    levels.push_back(x);
  }
  const char* names[] = {"b", "1", "2", "3", "4"};
  for (int stage = 0; stage < 5; stage++) {
    x = torch::cat({run(std::string(stage ? "up" : "up_") + names[stage], x), levels[4 - stage]}, 1);
    x = run(std::string(stage ? "db" : "db_") + names[stage], x);
  }
  x = run("fin_out", x);
  return x.slice(2, 0, height).slice(3, 0, width);
}

void DraemNet::draw_weights(uint64_t seed) {
  const torch::NoGradGuard no_grad;
  for (auto& item : named_parameters()) {
    auto value = item.value();
    const bool weight = item.key().size() > 6 && item.key().substr(item.key().size() - 6) == "weight";
    if (!weight) {
      value.zero_();
      continue;
    }
    value.copy_(
        NoiseStream(mix(seed, item.key())).normal(value.sizes()).mul_(0.02).add_(value.dim() > 1 ? 0 : 1));
  }
}

}  // namespace kizu::inspection
