#include "inspection/holdout.h"

#include <algorithm>
#include <cmath>

#include "inspection/detect.h"
#include "metrics/pixel_metrics.h"

namespace kizu::inspection {

HoldOut hold_out(const TrainingSet& set, double share) {
  HoldOut parts{{set.good, {}, set.shots}, {}};
  constexpr std::size_t kMost = 24;
  const auto every =
      share > 0 ? std::max<std::size_t>(2, static_cast<std::size_t>(std::lround(1 / share))) : 0;
  for (std::size_t i = 0; i < set.pairs.size(); i++) {
    const bool out = every > 0 && i % every == every - 1 && parts.held_out.size() < kMost;
    (out ? parts.held_out : parts.training.pairs).push_back(set.pairs[i]);
  }
  const std::size_t good = std::min(parts.held_out.size() / 2, set.good.size());
  for (std::size_t i = 0; i < good; i++) parts.held_out.push_back(set.good[i * set.good.size() / good]);
  return parts;
}

metrics::RankingMetrics judge_localizer(const std::vector<std::shared_ptr<Localizer>>& nets, WorkerPool& pool,
                                        const std::vector<Example>& examples, Views views, int64_t window) {
  std::vector<torch::Tensor> images;
  for (const auto& example : examples) images.push_back(example.image.to(torch::kFloat32).div_(255));
  const auto heats = heat_maps(nets, pool, images, views, window);
  metrics::PixelEvaluation evaluation;
  for (std::size_t i = 0; i < heats.size(); i++) {
    const auto heat = heats[i].contiguous(), mask = examples[i].mask.contiguous();
    metrics::ScoredImage image{static_cast<int>(heat.size(1)), static_cast<int>(heat.size(0)), {}, {}, {}};
    image.scores.assign(heat.data_ptr<float>(), heat.data_ptr<float>() + heat.numel());
    image.mask.assign(mask.data_ptr<uint8_t>(), mask.data_ptr<uint8_t>() + mask.numel());
    evaluation.add(image);
  }
  return evaluation.finish().ranking;
}

}  // namespace kizu::inspection
