#pragma once
#include "inspection/train_classifier.h"
#include "pipeline/workspace.h"

namespace kizu::pipeline {

/// Tells defect types apart on the test photos after training on generated pairs alone:
/// classifier/classifier.safetensors, classifier/accuracy.json. Photos are resized to a square as the
/// published code has them.
struct ClassifyStep {
  inspection::ClassifyOptions options;
  int64_t most = 500;  // pairs of each type
};

/// Does nothing for a product with one defect type: then accuracy.json is not there.
void classify_step(const Workspace& workspace, const ClassifyStep& step, Observer& observer);

}  // namespace kizu::pipeline
