#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "features/network.h"
#include "quality/defect_window.h"
#include "tensor/worker_pool.h"

namespace kizu::quality {

/// Numbers that describe a defect: some vectors for each picture.
struct FeatureSet {
  std::string name;
  std::function<torch::Tensor(const DefectPicture&)> of;  // -> float64 [samples, d]
  bool scaled = false;  // entries are in different units: divide by the spread of real defects
};

/// surface_statistics and mask_statistics, one vector for each defect.
FeatureSet surface_features();
FeatureSet mask_features();
/// What an encoder ([1, 3, 128, 128] in [0, 1] -> [1, d, h, w]) sees at the places that the defect covers, at
/// most 64 of each defect, evenly spaced, so that large defects do not outvote small ones.
FeatureSet place_features(std::string name,
                          std::function<torch::Tensor(const torch::Tensor& image_01)> encoder);
/// place_features of the network's middle layer.
FeatureSet network_features(const std::shared_ptr<features::FeatureNetwork>& network);

/// Samples of each picture, computed once.
std::vector<torch::Tensor> samples_of(const FeatureSet& set, const std::vector<DefectPicture>& pictures,
                                      WorkerPool& pool);

}  // namespace kizu::quality
