#pragma once
#include <utility>
#include <vector>

#include "image/image.h"

namespace kizu::anomaly {

/// How far photos of one placed part are shifted against each other.
class PhotoShift {
 public:
  /// The typical photo is the mean of all, each shifted to fit.
  static PhotoShift learn(const std::vector<Image>& photos);
  /// (dx, dy) in parts of the photo's width and height, at most an eighth, with photo(x + dx, y + dy) like
  /// the typical photo at (x, y). Zero when nothing was learned.
  std::pair<double, double> of(const Image& photo) const;

 private:
  std::vector<double> typical_;  // brightness on a grid, mean 0 and deviation 1
};

}  // namespace kizu::anomaly
