#pragma once
#include <vector>

namespace kizu::dataset {

/// Indices of the images of one defect type, in the order of their numbers, as the published code divides
/// them.
struct Thirds {
  std::vector<int> masks;       ///< the mask model learns from these: the first floor(n / 3)
  std::vector<int> anomalies;   ///< the anomaly model learns from these
  std::vector<int> validation;  ///< two images that it looks at while it learns
  std::vector<int> test;        ///< localizer and classifier are measured on these

  /// Images that are learned from and measured on: none, or one if `one_too_many`.
  int overlap() const;
};

/// Divides n images of a type. `one_too_many`: the anomaly model also learns from the first test image, as
/// the published loop does, which stops after index floor(n / 3) and not before it.
Thirds thirds(int n, bool one_too_many);

}  // namespace kizu::dataset
