#include "quality/feature_sets.h"

#include <utility>

#include "quality/surface_statistics.h"

namespace kizu::quality {
namespace {

constexpr int kWindowSide = 128;
constexpr int64_t kMostPlaces = 64;

template <std::size_t count>
torch::Tensor row_of(const std::array<double, count>& values) {
  return torch::tensor(std::vector<double>(values.begin(), values.end()), torch::kFloat64).unsqueeze(0);
}

/// Rows [n, d] of the layer [1, d, h, w] where the mask covers a place; at least the one covered most.
torch::Tensor covered_places(const torch::Tensor& layer, const torch::Tensor& mask) {
  const auto cover = at::_adaptive_avg_pool2d(mask.unsqueeze(0), {layer.size(2), layer.size(3)}).flatten();
  auto places = torch::nonzero(cover >= 0.5).flatten();
  if (places.numel() == 0) places = cover.argmax().unsqueeze(0);
  if (places.numel() > kMostPlaces) {
    const auto evenly = torch::arange(kMostPlaces, torch::kInt64) * places.numel() / kMostPlaces;
    places = places.index_select(0, evenly.to(torch::kInt64));
  }
  return layer[0].flatten(1).t().index_select(0, places).to(torch::kFloat64);
}

}  // namespace

FeatureSet surface_features() {
  return {"surface statistics",
          [](const DefectPicture& picture) { return row_of(surface_statistics(picture)); }, true};
}

FeatureSet mask_features() {
  return {"mask shape", [](const DefectPicture& picture) { return row_of(mask_statistics(picture.mask)); },
          true};
}

FeatureSet place_features(std::string name,
                          std::function<torch::Tensor(const torch::Tensor& image_01)> encoder) {
  return {std::move(name),
          [encoder = std::move(encoder)](const DefectPicture& picture) {
            const torch::NoGradGuard no_grad;
            const auto window = defect_window(picture, kWindowSide);
            return covered_places(encoder(window.image.unsqueeze(0)), window.mask);
          },
          false};
}

FeatureSet network_features(const std::shared_ptr<features::FeatureNetwork>& network) {
  return place_features(network->name(),
                        [network](const torch::Tensor& image_01) { return network->layers(image_01)[2]; });
}

std::vector<torch::Tensor> samples_of(const FeatureSet& set, const std::vector<DefectPicture>& pictures,
                                      WorkerPool& pool) {
  std::vector<torch::Tensor> samples(pictures.size());
  pool.run(static_cast<int64_t>(pictures.size()),
           [&](int, int64_t i) { samples[i] = set.of(pictures[i]).contiguous(); });
  return samples;
}

}  // namespace kizu::quality
