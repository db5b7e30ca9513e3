#pragma once
#include <set>
#include <string>
#include <vector>

#include "anomaly/concept_file.h"
#include "pipeline/concept_steps.h"

namespace kizu::pipeline {

/// What `add_to` brings along; nothing where it is empty. Throws Error naming the option when the file holds
/// no concepts, or such as were learned on another base than that in the folder `model`, or anomalies that
/// nobody can paint because their spatial encoder is missing.
anomaly::LearnedConcepts known_concepts(const ConceptStep& step, const std::filesystem::path& model);

/// Whether one of these names lacks an embedding that the preset learns.
bool lacks_any(const anomaly::LearnedConcepts& known, const std::set<std::string>& names,
               const anomaly::Preset& preset);

/// The names of the products' defect types as they lie on the disk; of these `types` alone unless that is
/// empty.
std::set<std::string> concept_names(const std::vector<Workspace>& products,
                                    const std::vector<std::string>& types);

/// What must hold before a run on a base with a text encoder writes its first file: the base can do the step,
/// `add_to` fits, and where something is left to be learned there is memory for it. Throws Error naming the
/// option. Of a run that has begun to learn only the first is looked at; its steps see to the rest.
void check_to_begin(const std::vector<Workspace>& products, const std::vector<std::string>& types,
                    const ConceptStep& step);

}  // namespace kizu::pipeline
