#include "quality/instruments.h"

#include <algorithm>

#include "core/error.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "features/perceptual_distance.h"

namespace kizu::quality {
namespace {

namespace fs = std::filesystem;

/// The files themselves; for a folder those in it that may hold weights.
std::vector<fs::path> files_of(const std::vector<fs::path>& given, const char* option) {
  std::vector<fs::path> files;
  for (const auto& path : given) {
    if (!fs::exists(path)) throw Error(std::string(option) + ": " + path.string() + " does not exist");
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path)) {
      const auto suffix = entry.path().extension();
      if (entry.is_regular_file() && (suffix == ".pth" || suffix == ".pt" || suffix == ".safetensors"))
        found.push_back(entry.path());
    }
    if (found.empty()) {
      throw Error(std::string(option) + ": " + path.string() + " holds no .pth, .pt or .safetensors file");
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

/// Adds LPIPS on each network that the heads of the file fit.
void join(const fs::path& heads_file, Instruments& instruments) {
  bool fitted = false;
  for (const auto& [network, file, sha256] : instruments.networks) {
    auto heads = features::read_heads(heads_file, *network);
    if (heads.empty()) continue;
    fitted = true;
    const auto lpips = std::make_shared<features::PerceptualDistance>(network, std::move(heads));
    instruments.distances.push_back(
        {lpips->name(), [lpips](const torch::Tensor& image_01) { return lpips->embedding(image_01); }});
  }
  if (!fitted) {
    throw Error("--lpips: " + heads_file.string() +
                " fits none of the networks given with --features; it needs the network of its name");
  }
}

}  // namespace

Instruments Instruments::open(const std::vector<fs::path>& features, const std::vector<fs::path>& lpips) {
  Instruments all;
  for (const auto& file : files_of(features, "--features"))
    all.networks.push_back({features::open_network(file), utf8(file.filename()), sha256_file(file)});
  for (const auto& file : files_of(lpips, "--lpips")) join(file, all);
  if (all.networks.empty())
    all.missing.emplace_back(
        "No Frechet distance in a network's layers and no Inception score: give a network with --features "
        "(torchvision's SqueezeNet 1.1, AlexNet, VGG16 or ResNet-34)");
  else if (all.classifier() == nullptr)
    all.missing.emplace_back(
        "No Inception score: none of the networks has classes; give SqueezeNet 1.1 or ResNet-34 with "
        "--features");
  if (all.distances.empty())
    all.missing.emplace_back(
        "No LPIPS and IC-LPIPS: give a network with --features and its weights of LPIPS v0.1 with --lpips");
  all.distances.push_back(pixel_distance());
  return all;
}

const Instruments::Network* Instruments::classifier() const {
  const torch::NoGradGuard no_grad;
  for (const auto& each : networks)
    if (each.network->probabilities(torch::zeros({1, 3, 64, 64})).defined()) return &each;
  return nullptr;
}

Json Instruments::describe() const {
  Json list = Json::array(), names = Json::array();
  for (const auto& each : networks)
    list.push_back({{"name", each.network->name()}, {"file", each.file}, {"sha256", each.sha256}});
  for (const auto& distance : distances) names.push_back(distance.name);
  return {{"networks", list}, {"distances", names}};
}

}  // namespace kizu::quality
