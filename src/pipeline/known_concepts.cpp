#include "pipeline/known_concepts.h"

#include <algorithm>

#include "core/error.h"
#include "dataset/scan.h"
#include "pipeline/concept_memory.h"

namespace kizu::pipeline {

anomaly::LearnedConcepts known_concepts(const ConceptStep& step, const std::filesystem::path& model) {
  if (step.add_to.empty()) return {};
  const std::string option = "--add-to " + step.add_to.string() + ": ";
  try {
    auto known = anomaly::LearnedConcepts::read(step.add_to);
    // The hash takes seconds; imported concepts do not know their base's.
    const auto hash = known.metadata.count("base") != 0 ? hash_of_model(model) : std::string();
    known.check_fits(ldm::read_config(model).text.width, hash);
    if (!known.anomalies.empty() && known.spatial.empty())
      throw Error(
          "it has anomalies but no spatial encoder; import them again with --spatial spatial_encoder.pt");
    return known;
  } catch (const Error& error) {
    throw Error(option + error.what());
  }
}

bool lacks_any(const anomaly::LearnedConcepts& known, const std::set<std::string>& names,
               const anomaly::Preset& preset) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return known.anomalies.count(name) == 0 || (preset.learned_masks && known.masks.count(name) == 0);
  });
}

std::set<std::string> concept_names(const std::vector<Workspace>& products,
                                    const std::vector<std::string>& types) {
  std::set<std::string> names;
  for (const auto& product : products)
    for (const auto& type : dataset::scan(product.data, product.category).types)
      if (types.empty() || std::find(types.begin(), types.end(), type.name) != types.end())
        names.insert(concept_name(product.category, type.name));
  return names;
}

void check_to_begin(const std::vector<Workspace>& products, const std::vector<std::string>& types,
                    const ConceptStep& step) {
  const auto& first = products.front();
  step.check_for(first.model);
  if (std::filesystem::exists(first.step("learn") / "run.json")) return;
  const auto known = known_concepts(step, first.model);
  if (!lacks_any(known, concept_names(products, types), step.preset)) return;
  const auto own = step.on(first.model);
  require_memory(learning_memory(ldm::read_config(first.model), own, first.workers), own, anomaly::kLearning,
                 first.workers);
}

}  // namespace kizu::pipeline
