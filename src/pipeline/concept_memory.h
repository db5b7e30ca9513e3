#pragma once
#include "ldm/memory_need.h"
#include "pipeline/concept_steps.h"

namespace kizu::pipeline {

/// Memory that a step on a base with a text encoder holds at its worst moment; `workers` as in Workspace.
ldm::MemoryNeed learning_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers);
ldm::MemoryNeed mask_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers);
/// `pairs` of all types, whose contexts are kept.
ldm::MemoryNeed painting_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers,
                                int64_t pairs);

/// Throws Error when `what` needs more than this computer has free; the message says how
/// much and which options lower it. Steps call it before anything is loaded or written. A GPU's memory is not
/// looked at.
void require_memory(const ldm::MemoryNeed& need, const ConceptStep& step, const std::string& what);

}  // namespace kizu::pipeline
