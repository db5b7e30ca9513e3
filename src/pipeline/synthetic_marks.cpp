#include "pipeline/synthetic_marks.h"

namespace kizu::pipeline {

std::map<std::string, std::string> synthetic_marks(const std::string& type, std::uint64_t seed) {
  return {{"Source", "Synthetic: painted by kizu onto a real photo (compositeWithTrainedAlgorithmicMedia)"},
          {"Software", "kizu"},
          {"Comment", "type " + type + ", seed " + std::to_string(seed)}};
}

}  // namespace kizu::pipeline
