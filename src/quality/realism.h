#pragma once
#include <optional>
#include <string>
#include <vector>

#include "quality/feature_sets.h"

namespace kizu::quality {

/// A list of defect pictures that is compared with the real ones, by its samples of a feature set.
struct Candidate {
  std::string name;
  std::vector<torch::Tensor> samples;  // of each picture [n, d]
};

/// Frechet distances to real defects, a mean over ten random divisions of these.
struct Realism {
  std::optional<double> real;             // one half of the real defects against the other: the yardstick
  std::vector<std::optional<double>> of;  // each candidate against the same half
  int64_t size = 0;                       // pictures in each set of a comparison
};

/// The real defects (with the piece that each shows) are divided in halves; the second half, and as many
/// pictures drawn from each candidate, are compared with the first half. All sets are thus of one size, and
/// the distances may be compared with each other. Values are empty when there are fewer than 4 real pieces,
/// or fewer pictures of a candidate than that size.
Realism realism_of(const FeatureSet& set, const std::vector<torch::Tensor>& real,
                   const std::vector<std::string>& piece, std::vector<Candidate> candidates, uint64_t seed);

}  // namespace kizu::quality
