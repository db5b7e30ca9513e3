#pragma once
#include <functional>
#include <string>
#include <vector>

#include "anomaly/learning.h"
#include "core/observer.h"
#include "dataset/split.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// Looks at every photo, refuses what cannot work, divides shots from test: split/split.json. Throws Error with all
/// faults that stop a run.
void split_step(const Workspace& workspace, const dataset::SplitOptions& options, Observer& observer);

/// Learns the anomaly embeddings from the shots: learn/embeddings.safetensors, learn/curve.json.
/// `adapt_minutes` > 0 first fine-tunes the base on the good photos (learn/adapted/).
struct LearnStep {
  anomaly::LearnOptions options;
  double adapt_minutes = 0;
};
void learn_step(const Workspace& workspace, const LearnStep& step, Observer& observer);

}  // namespace kizu::pipeline
