#include "pipeline/memory_remedy.h"

#include <algorithm>
#include <thread>

namespace kizu::pipeline {
namespace {

/// Ways to smaller weights, where there is one.
std::string smaller_weights(const ConceptStep& step) {
  if (!step.load.device.is_cpu()) return step.load.dtype == torch::kFloat32 ? "--bf16" : "";
  if (step.widen) return "--weights stored where the base is one of 16 bits";
  return step.load.kept == torch::kFloat32 ? "a base of half the size (kizu import --dtype fp16)" : "";
}

}  // namespace

std::string work_of(anomaly::Stage stage) {
  if (stage == anomaly::kLearning) return "learning on this base";
  return stage == anomaly::kMasking ? "making masks on this base" : "painting on this base";
}

int64_t threads_of(const ConceptStep& step, int workers) {
  if (!step.load.device.is_cpu()) return 1;
  return workers > 0 ? workers : std::max(1u, std::thread::hardware_concurrency());
}

std::string memory_remedy(const ConceptStep& step, anomaly::Stage stage, int workers) {
  std::vector<std::string> ways;
  if (threads_of(step, workers) > 1) ways.emplace_back("--workers 1");
  if (stage != anomaly::kMasking && step.rows_at_once > 1)
    ways.emplace_back("--rows 1");  // masks go one by one
  if (stage == anomaly::kLearning && step.preset.batch > 1) ways.emplace_back("a smaller --set batch=");
  if (stage != anomaly::kMasking && !step.preset.small_spatial_encoder)
    ways.emplace_back("--set spatial_encoder=small");
  if (const auto smaller = smaller_weights(step); !smaller.empty()) ways.push_back(smaller);
  if (!step.load.device.is_cpu()) ways.emplace_back("--device cpu");
  if (ways.empty()) return "close other programs, or take a computer with more";
  std::string text = "lower it with ";
  for (size_t i = 0; i < ways.size(); i++)
    text += (i == 0 ? "" : i + 1 == ways.size() ? " or " : ", ") + ways[i];
  return text;
}

}  // namespace kizu::pipeline
