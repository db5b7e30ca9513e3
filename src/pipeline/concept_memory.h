#pragma once
#include <functional>

#include "ldm/memory_need.h"
#include "pipeline/concept_steps.h"

namespace kizu::pipeline {

/// Memory that a step on a base with a text encoder holds at its worst moment, on the device that computes;
/// `workers` as in Workspace.
ldm::MemoryNeed learning_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers);
ldm::MemoryNeed mask_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers);
/// `pairs` of all types, whose contexts are kept.
ldm::MemoryNeed painting_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers,
                                int64_t pairs);

/// Throws Error when the work of `stage` needs more than this computer, or its GPU, has free; the message
/// says how much and which options lower it. Steps call it before anything is loaded or written.
void require_memory(const ldm::MemoryNeed& need, const ConceptStep& step, anomaly::Stage stage, int workers);

/// Does the work of `stage`. Where a GPU's memory ends in it all the same, throws Error with the same
/// options.
void on_device(const ConceptStep& step, anomaly::Stage stage, const std::function<void()>& work);

}  // namespace kizu::pipeline
