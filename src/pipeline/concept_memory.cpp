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

constexpr uint64_t kProgram = 600'000'000;  // bytes of the program and its libraries

/// What the text encoder keeps for its backward pass, for one caption.
uint64_t text_bytes(const ldm::TextEncoderConfig& text) {
  const int64_t row = 6 * text.width + 4 * text.heads * text.dim_head + 2 * text.ff_width;
  const int64_t layer = text.max_length * (row + 2 * text.heads * text.max_length);
  return sizeof(float) * static_cast<uint64_t>(text.layers * layer);
}

/// What the autoencoder holds at full resolution, for one photo.
uint64_t encoding_bytes(const ldm::AutoencoderConfig& config, int64_t side) {
  return sizeof(float) * static_cast<uint64_t>(12 * config.width * side * side);
}

}  // namespace

ldm::MemoryNeed learning_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step,
                                int workers) {
  const auto side = ldm::native_side(base);
  auto rows = std::min(step.preset.batch, step.rows_at_once * threads(step, workers));
  const auto factor = base.autoencoder.factor();
  const auto kept = ldm::kept_by_layers(base.unet, side / factor, side / factor);
  // Our own loops (textual_inversion.h) take as many as fit.
  if (step.load.own_loops())
    rows = std::clamp(static_cast<int64_t>(ldm::kMostKept / kept), rows, step.preset.batch);
  auto need = ldm::learning_need(base, step.load, rows, side, side, true);
  auto encoder = step.preset.spatial_encoder(base.text.width);
  encoder.side = side;
  need.working += anomaly::encoder_bytes(encoder, step.preset.batch) + kProgram +
                  static_cast<uint64_t>(rows) * text_bytes(base.text) +
                  static_cast<uint64_t>(threads(step, workers)) * encoding_bytes(base.autoencoder, side);
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
  std::string remedy =
      "lower it with --workers 1, --rows 1, for learning --set spatial_encoder=small, for painting "
      "fewer --pairs";
  if (step.widen)
    remedy += ", --weights stored where the base is one of 16 bits";
  else if (step.load.kept == torch::kFloat32)
    remedy += ", or a base of half the size: kizu import --dtype fp16";
  ldm::require_memory(need, available_memory(), what, remedy);
}

}  // namespace kizu::pipeline
