#include "study/compare_group.h"

namespace kizu::study {
namespace {

// Every two arms, the later minus the earlier.
Json differences_json(const CompareGroup& group, std::size_t scope) {
  Json differences = Json::array();
  for (std::size_t against = 0; against < group.arms.size(); against++) {
    for (std::size_t arm = against + 1; arm < group.arms.size(); arm++) {
      Json row = {{"arm", group.arms[arm].name}, {"against", group.arms[against].name}};
      for (std::size_t m = 0; m < kComparedCount; m++) {
        const auto difference = group.difference(arm, against, scope, m);
        row[kCompared[m]] = to_json(difference);
        row[kCompared[m]]["seeds_up"] = difference.up;
        row[kCompared[m]]["seeds_down"] = difference.down;
      }
      differences.push_back(row);
    }
  }
  return differences;
}

}  // namespace

std::vector<metrics::Sampled> CompareGroup::sampled(std::size_t arm, std::size_t scope,
                                                    std::size_t metric) const {
  std::vector<metrics::Sampled> seeds;
  for (const auto& seed : scores[arm]) seeds.push_back(seed[scope][metric]);
  return seeds;
}

metrics::Estimated CompareGroup::estimate(std::size_t arm, std::size_t scope, std::size_t metric) const {
  return metrics::estimate(sampled(arm, scope, metric), draws);
}

metrics::Estimated CompareGroup::difference(std::size_t arm, std::size_t against, std::size_t scope,
                                            std::size_t metric) const {
  return metrics::difference(sampled(arm, scope, metric), sampled(against, scope, metric), draws);
}

Json to_json(const metrics::Estimated& estimated) {
  const auto or_null = [](bool there, double value) { return there ? Json(value) : Json(nullptr); };
  const bool known = estimated.interval.has_value();
  return {{"mean", estimated.mean},
          {"deviation", or_null(estimated.deviation.has_value(), estimated.deviation.value_or(0))},
          {"low", or_null(known, known ? estimated.interval->low : 0)},
          {"high", or_null(known, known ? estimated.interval->high : 0)}};
}

Json arms_json(const CompareGroup& group, std::size_t scope) {
  Json arms = Json::array();
  for (std::size_t arm = 0; arm < group.arms.size(); arm++) {
    Json row = {{"arm", group.arms[arm].name}, {"pairs", group.arms[arm].has_pairs()}};
    for (std::size_t m = 0; m < kComparedCount; m++) {
      row[kCompared[m]] = to_json(group.estimate(arm, scope, m));
      Json seeds = Json::array();
      for (const auto& seed : group.sampled(arm, scope, m)) seeds.push_back(seed.value);
      row[kCompared[m]]["seeds"] = seeds;
    }
    arms.push_back(row);
  }
  return arms;
}

Json scopes_json(const CompareGroup& group) {
  Json scopes = Json::array();
  for (std::size_t scope = 0; scope < group.scopes.size(); scope++)
    scopes.push_back({{"type", group.scopes[scope]},
                      {"arms", arms_json(group, scope)},
                      {"differences", differences_json(group, scope)}});
  return scopes;
}

}  // namespace kizu::study
