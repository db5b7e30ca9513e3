#pragma once
#include <filesystem>
#include <vector>

#include "features/network.h"

namespace kizu::features {

/// The learned weights of LPIPS for one network: one value per channel of each layer, none negative.
using Heads = std::vector<torch::Tensor>;

/// The heads for this network in a file of LPIPS v0.1 (lin0.model.1.weight, ... as published, or several
/// networks in one file as squeeze.lin0.weight, ...); empty when the file's are for other networks. Throws
/// Error naming the file when it holds no heads at all, or damaged ones.
Heads read_heads(const std::filesystem::path& file, const FeatureNetwork& network);

/// LPIPS (Zhang et al. 2018): the squared difference of two pictures' layers, each position normalised to
/// length 1, weighed per channel, averaged over positions, summed over layers. Being a squared Euclidean
/// distance it is kept as one vector per picture.
class PerceptualDistance {
 public:
  PerceptualDistance(std::shared_ptr<FeatureNetwork> network, Heads heads);

  /// RGB [3, H, W] in [0, 1] -> float32 [n]: |a - b|^2 of two pictures of equal size is their distance.
  torch::Tensor embedding(const torch::Tensor& image_01) const;
  double between(const torch::Tensor& a_01, const torch::Tensor& b_01) const;
  /// "LPIPS v0.1 (SqueezeNet 1.1 (torchvision))"; with a network that the heads were not learned on it says
  /// that the numbers are not those of LPIPS.
  std::string name() const;

 private:
  std::shared_ptr<FeatureNetwork> network_;
  Heads heads_;
};

}  // namespace kizu::features
