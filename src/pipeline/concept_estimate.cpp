#include "pipeline/concept_estimate.h"

#include <chrono>
#include <cmath>
#include <cstdio>

#include "dataset/estimate.h"
#include "ldm/compute_need.h"
#include "pipeline/concept_memory.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

/// Share of a matrix product's speed that the networks reach, memory and norms included, by our own loops and
/// by torch's operators; measured on the full-size model (docs/performance.md, docs/benchmarks.md).
constexpr double kReached = 0.8, kReachedByTorch = 0.5;

/// Multiply-adds in a second of a product of matrices, on all workers together.
double product_speed(WorkerPool& pool) {
  constexpr int64_t kSide = 768, kRounds = 4;
  const auto a = torch::ones({kSide, kSide});
  const auto round = [&](int, int64_t) { a.mm(a); };
  pool.run(pool.size(), round);
  const auto start = std::chrono::steady_clock::now();
  pool.run(kRounds * pool.size(), round);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(kRounds * pool.size() * kSide * kSide * kSide) / took.count();
}

/// Multiply-adds of the spatial encoder for one mask.
double encoder_cost(const anomaly::SpatialEncoderConfig& config) {
  double cost = 0;
  for (size_t i = 0; i < config.units.size(); i++) {
    const double side = static_cast<double>(config.side >> (i + 1));
    cost += 18 * static_cast<double>(config.units[i] * config.channels[i] * config.channels[i]) * side * side;
  }
  const double quarter = static_cast<double>(config.side) / 8, heads = static_cast<double>(config.head_width);
  const double first = static_cast<double>(config.channels[3]) * heads * quarter * quarter;
  return cost + 9 * static_cast<double>(config.tokens) * (first + heads * heads * quarter * quarter / 3);
}

}  // namespace

ConceptEstimate estimate(const ldm::LatentDiffusionConfig& base, const ConceptStep& step, int64_t types,
                         int workers, bool learns) {
  ConceptEstimate result;
  result.learns = learns;
  result.memory = learns ? learning_memory(base, step, workers).total()
                         : painting_memory(base, step, workers, step.pairs_per_type() * types).total();
  result.timed = step.load.device.is_cpu();
  if (!result.timed) return result;
  WorkerPool pool(workers);
  const auto side = ldm::native_side(base);
  const auto need = ldm::compute_need(base, side, side);
  const auto& preset = step.preset;
  const bool own = step.load.own_loops();
  const double speed = (own ? kReached : kReachedByTorch) * product_speed(pool);
  // Learning: forward and back through U-Net and text; torch's operators go forward twice, and a row keeps to
  // one core.
  const double row = need.encode + (own ? 2 : 3) * (need.unet + need.text);
  const double row_speed =
      own ? speed : speed * std::min(1.0, static_cast<double>(preset.batch) / pool.size());
  auto encoder = preset.spatial_encoder(base.text.width);
  encoder.side = side;
  const double together = 3 * encoder_cost(encoder) * pool.size();  // on one thread
  const auto batch = static_cast<double>(preset.batch);
  const auto all = static_cast<double>(types);
  if (learns) result.learn = static_cast<double>(preset.steps) * batch * (row / row_speed + together / speed);
  if (preset.learned_masks) {
    if (learns) result.learn += all * static_cast<double>(preset.mask_steps) * batch * row / row_speed;
    result.masks = all * static_cast<double>(step.pairs_per_type()) / speed *
                   (2 * static_cast<double>(preset.mask_sampler_steps) * need.unet + need.decode);
  }
  const bool by_pixels = preset.reweighting == anomaly::ReweightMode::kPaper && preset.weights_by_pixels;
  const double sampler_step = need.unet + (by_pixels ? need.decode : 0);
  result.paint = all * static_cast<double>(step.pairs_per_type()) / speed *
                 (static_cast<double>(preset.sampler_steps) * sampler_step + need.encode + 2 * need.decode +
                  pool.size() * need.text);
  return result;
}

std::string describe(const ConceptEstimate& estimate) {
  char memory[32];
  std::snprintf(memory, sizeof memory, "%.1f GB", static_cast<double>(estimate.memory) / 1e9);
  if (!estimate.timed)
    return std::string("how long ") + (estimate.learns ? "learning and painting take" : "painting takes") +
           " on a GPU is not known, because none has been measured; about " + memory +
           " of its memory are needed";
  std::string text =
      estimate.learns ? "learning takes about " + dataset::time_in_words(estimate.learn) + " on this computer"
                      : "nothing is left to learn";
  if (estimate.masks > 0) text += ", masks " + dataset::time_in_words(estimate.masks);
  text += ", painting " + dataset::time_in_words(estimate.paint) + ", and " + memory + " of memory";
  return text + "; fewer --set steps=, --set mask_steps=, --set sampler_steps= or --pairs shorten it";
}

}  // namespace kizu::pipeline
