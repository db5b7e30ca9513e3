#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "features/network.h"
#include "quality/distances.h"

namespace kizu::quality {

/// The networks that a measurement has at hand, and which measures that leaves out.
struct Instruments {
  struct Network {
    std::shared_ptr<features::FeatureNetwork> network;
    std::string file, sha256;
  };
  std::vector<Network> networks;
  std::vector<PictureDistance> distances;  // perceptual ones, then that of plain pixels
  std::vector<std::string> missing;        // sentences: what is not measured, and which option gives it

  /// `features`: files of networks, or folders with such files. `lpips`: files with weights of LPIPS; each is
  /// joined with the networks it fits. Throws Error naming the file that is no network, damaged, or fits
  /// none.
  static Instruments open(const std::vector<std::filesystem::path>& features,
                          const std::vector<std::filesystem::path>& lpips);
  /// The first network that has classes; null when there is none.
  const Network* classifier() const;
  /// Names, files and hashes.
  Json describe() const;
};

}  // namespace kizu::quality
