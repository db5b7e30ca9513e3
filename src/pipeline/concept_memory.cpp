#include "pipeline/concept_memory.h"

#include <algorithm>
#include <thread>

#include "core/memory.h"

namespace kizu::pipeline {
namespace {

int64_t threads(const ConceptStep& step, int workers) {
  if (!step.load.device.is_cpu()) return 1;
  return workers > 0 ? workers : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

ldm::MemoryNeed learning_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step,
                                int workers) {
  const auto side = ldm::native_side(base);
  const auto rows = std::min(step.preset.batch, step.rows_at_once * threads(step, workers));
  auto need = ldm::learning_need(base, step.load, rows, side, side, true);
  auto encoder = step.preset.spatial_encoder(base.text.width);
  encoder.side = side;
  need.working += anomaly::encoder_bytes(encoder, step.preset.batch);
  return need;
}

ldm::MemoryNeed mask_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers) {
  const auto side = ldm::native_side(base);
  auto need = ldm::generation_need(base, step.load, threads(step, workers), side, side);
  need.weights = ldm::weight_bytes(base, step.load);
  return need;
}

ldm::MemoryNeed painting_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers,
                                int64_t pairs) {
  const auto side = ldm::native_side(base);
  auto need = ldm::generation_need(base, step.load, step.rows_at_once * threads(step, workers), side, side);
  need.working += static_cast<uint64_t>(pairs * base.text.max_length * base.text.width) * sizeof(float);
  return need;
}

void require_memory(const ldm::MemoryNeed& need, const ConceptStep& step, const std::string& what) {
  if (!step.load.device.is_cpu()) return;
  ldm::require_memory(
      need, available_memory(), what,
      "lower it with --workers 1, --rows 1, for learning --set spatial_encoder=small, for painting "
      "fewer --pairs");
}

}  // namespace kizu::pipeline
