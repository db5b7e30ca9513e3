#pragma once
#include <string>

#include "pipeline/concept_steps.h"

namespace kizu::pipeline {

/// "learning on this base", for a sentence about it.
std::string work_of(anomaly::Stage stage);

/// Threads that each hold rows of their own; a GPU has one. `workers` as in Workspace.
int64_t threads_of(const ConceptStep& step, int workers);

/// The options that lower the memory of this work and are not at their lowest, as the end of a message.
std::string memory_remedy(const ConceptStep& step, anomaly::Stage stage, int workers);

}  // namespace kizu::pipeline
