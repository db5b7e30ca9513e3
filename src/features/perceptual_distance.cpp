#include "features/perceptual_distance.h"

#include <utility>

#include "core/error.h"
#include "tensor/convert.h"

namespace kizu::features {
namespace {

constexpr double kLeastLength = 1e-10;

/// All heads of a file whose names go PREFIX 0 SUFFIX, PREFIX 1 SUFFIX, ... as flat vectors.
Heads heads_named(const TensorSource& source, const std::string& prefix, const std::string& suffix) {
  Heads heads;
  for (;;) {
    const auto name = prefix + std::to_string(heads.size()) + suffix;
    if (!source.tensors().count(name)) return heads;
    heads.push_back(to_tensor(source.read(name), true).to(torch::kFloat32).flatten());
  }
}

bool fits(const Heads& heads, const std::vector<int64_t>& channels) {
  if (heads.size() != channels.size()) return false;
  for (size_t i = 0; i < heads.size(); i++)
    if (heads[i].numel() != channels[i]) return false;
  return true;
}

}  // namespace

Heads read_heads(const std::filesystem::path& file, const FeatureNetwork& network) {
  const auto source = open_tensors(file);
  bool any = false;
  for (const auto& [prefix, suffix] : {std::pair<const char*, const char*>{"lin", ".model.1.weight"},
                                       {"alex.lin", ".weight"},
                                       {"squeeze.lin", ".weight"},
                                       {"vgg.lin", ".weight"}}) {
    auto heads = heads_named(*source, prefix, suffix);
    any = any || !heads.empty();
    if (!fits(heads, network.channels())) continue;
    for (const auto& head : heads) {
      if (!(head.min().item<double>() >= 0) || !head.isfinite().all().item<bool>())
        throw Error(file.string() + " is damaged: a weight of LPIPS is negative or no number");
    }
    return heads;
  }
  if (!any) {
    throw Error(file.string() +
                " holds no weights of LPIPS; give alex.pth, squeeze.pth or vgg.pth of its version 0.1");
  }
  return {};
}

PerceptualDistance::PerceptualDistance(std::shared_ptr<FeatureNetwork> network, Heads heads)
    : network_(std::move(network)), heads_(std::move(heads)) {
  TORCH_CHECK(fits(heads_, network_->channels()), "the heads are for another network");
}

torch::Tensor PerceptualDistance::embedding(const torch::Tensor& image_01) const {
  const torch::NoGradGuard no_grad;
  const auto layers = network_->layers(image_01.unsqueeze(0));
  std::vector<torch::Tensor> parts;
  for (size_t i = 0; i < layers.size(); i++) {
    const auto& layer = layers[i];  // [1, C, h, w]
    const auto length = layer.square().sum(1, true).sqrt() + kLeastLength;
    const double positions = static_cast<double>(layer.size(2) * layer.size(3));
    const auto weights = (heads_[i] / positions).sqrt().view({1, -1, 1, 1});
    parts.push_back((layer / length * weights).flatten());
  }
  return torch::cat(parts);
}

double PerceptualDistance::between(const torch::Tensor& a_01, const torch::Tensor& b_01) const {
  return (embedding(a_01) - embedding(b_01)).square().sum().item<double>();
}

std::string PerceptualDistance::name() const {
  const auto network = network_->name();
  if (network.find("torchvision") != std::string::npos) return "LPIPS v0.1 on " + network;
  return "weights of LPIPS v0.1 on " + network + ", not LPIPS's own network: no LPIPS numbers";
}

}  // namespace kizu::features
