#include "pipeline/concept_memory.h"

#include <algorithm>

#include "core/error.h"
#include "core/memory.h"
#include "pipeline/memory_remedy.h"

namespace kizu::pipeline {
namespace {

constexpr uint64_t kProgram = 600'000'000;  // bytes of the program and its libraries

/// What the text encoder keeps for its backward pass, for one caption, in numbers of the arithmetic's type.
uint64_t text_numbers(const ldm::TextEncoderConfig& text) {
  const int64_t row = 6 * text.width + 4 * text.heads * text.dim_head + 2 * text.ff_width;
  const int64_t layer = text.max_length * (row + 2 * text.heads * text.max_length);
  return static_cast<uint64_t>(text.layers * layer);
}

/// What the autoencoder holds at full resolution, for one photo.
uint64_t encoding_numbers(const ldm::AutoencoderConfig& config, int64_t side) {
  return static_cast<uint64_t>(12 * config.width * side * side);
}

/// The text encoder and the spatial encoder, which is float32, together.
uint64_t context_weights(const ldm::LatentDiffusionConfig& base, const ConceptStep& step) {
  auto load = step.load;
  load.unet = load.autoencoder = false;
  constexpr uint64_t kCopies = 4;  // that encoder_bytes counts: gradient and optimiser beside the weights
  const auto encoder = step.preset.spatial_encoder(base.text.width);
  return ldm::weight_bytes(base, load) + anomaly::encoder_bytes(encoder, 0) / kCopies;
}

/// Whether a GPU gives so many bytes at once. They go back to torch's store, from which the work then takes.
bool gives(torch::Device device, uint64_t bytes) {
  try {
    torch::empty({static_cast<int64_t>(bytes)}, torch::TensorOptions(device).dtype(torch::kUInt8));
    return true;
  } catch (const c10::OutOfMemoryError&) {
    return false;
  }
}

/// The libraries below torch run out in words of their own.
bool is_out_of_memory(const c10::Error& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string text = error.what_without_backtrace();
  for (const char* words : {"out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"})
    if (text.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

ldm::MemoryNeed learning_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step,
                                int workers) {
  const auto side = ldm::native_side(base);
  auto rows = std::min(step.preset.batch, step.rows_at_once * threads_of(step, workers));
  const auto factor = base.autoencoder.factor();
  const auto kept = ldm::kept_by_layers(base.unet, side / factor, side / factor);
  // Our own loops (textual_inversion.h) take as many as fit.
  if (step.load.own_loops())
    rows = std::clamp(static_cast<int64_t>(ldm::kMostKept / kept), rows, step.preset.batch);
  auto need = ldm::learning_need(base, step.load, rows, side, side, true);
  auto encoder = step.preset.spatial_encoder(base.text.width);
  encoder.side = side;
  const auto numbers =
      static_cast<uint64_t>(rows) * text_numbers(base.text) +
      static_cast<uint64_t>(threads_of(step, workers)) * encoding_numbers(base.autoencoder, side);
  need.working += anomaly::encoder_bytes(encoder, step.preset.batch) + kProgram +
                  c10::elementSize(step.load.dtype) * numbers;
  return need;
}

ldm::MemoryNeed mask_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers) {
  const auto side = ldm::native_side(base);
  return ldm::generation_need(base, step.load, threads_of(step, workers), side, side);
}

ldm::MemoryNeed painting_memory(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int workers,
                                int64_t pairs) {
  const auto side = ldm::native_side(base);
  auto need =
      ldm::generation_need(base, step.load, step.rows_at_once * threads_of(step, workers), side, side);
  need.weights = std::max(need.weights, context_weights(base, step));
  // A GPU gets each context when its turn comes.
  if (step.load.device.is_cpu())
    need.working += static_cast<uint64_t>(pairs * base.text.max_length * base.text.width) * sizeof(float);
  return need;
}

void require_memory(const ldm::MemoryNeed& need, const ConceptStep& step, anomaly::Stage stage, int workers) {
  const auto remedy = memory_remedy(step, stage, workers);
  if (step.load.device.is_cpu())
    ldm::require_memory(need, available_memory(), work_of(stage), remedy);
  else if (!gives(step.load.device, need.total()))
    throw Error("--device " + step.load.device.str() + ": " + work_of(stage) + " needs " +
                ldm::describe(need) + ", which the GPU has not free; " + remedy);
}

void on_device(const ConceptStep& step, anomaly::Stage stage, const std::function<void()>& work) {
  try {
    work();
  } catch (const c10::Error& error) {
    if (step.load.device.is_cpu() || !is_out_of_memory(error)) throw;
    throw Error("--device " + step.load.device.str() + ": " + work_of(stage) +
                " took more memory than the GPU has; " + memory_remedy(step, stage, 1));
  }
}

}  // namespace kizu::pipeline
