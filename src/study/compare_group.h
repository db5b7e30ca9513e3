#pragma once
#include <optional>

#include "core/json.h"
#include "study/compare_scores.h"

namespace kizu::study {

/// What is compared with each other on one set of test photos: a category, or the average of several.
struct CompareGroup {
  std::vector<CompareArm> arms;
  std::vector<std::string> scopes;          // TestPhotos::measured: "" = all defect types together, ...
  std::vector<std::vector<Scores>> scores;  // [arm][seed]
  std::vector<std::vector<std::size_t>> draws;
  // Whether the photos are aligned, which decides what `kizu run` would compare; none where categories
  // differ.
  std::optional<bool> aligned = false;

  /// A metric (index into kCompared) of an arm, seed by seed.
  std::vector<metrics::Sampled> sampled(std::size_t arm, std::size_t scope, std::size_t metric) const;
  metrics::Estimated estimate(std::size_t arm, std::size_t scope, std::size_t metric) const;
  metrics::Estimated difference(std::size_t arm, std::size_t against, std::size_t scope,
                                std::size_t metric) const;
};

/// {"mean", "deviation" over seeds, "low", "high" (95 % interval over photos and seeds)}.
Json to_json(const metrics::Estimated& estimated);

/// All arms of a scope: the estimate of each metric, and its value of each seed.
Json arms_json(const CompareGroup& group, std::size_t scope);
/// Each scope with its arms, and the paired differences of every two of them, the later minus the earlier.
Json scopes_json(const CompareGroup& group);

/// "headline", "finding" (helped, no_difference, hurt, mixed; too_few where the photos cannot tell; none),
/// "sentences" and the mixes they speak of: the best with kizu's pairs against the best without, and what was
/// fixed beforehand.
Json closing(const CompareGroup& group, bool too_few = false);

}  // namespace kizu::study
