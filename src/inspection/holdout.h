#pragma once
#include <memory>
#include <vector>

#include "inspection/localizer_file.h"
#include "inspection/samples.h"
#include "metrics/ranking.h"
#include "tensor/worker_pool.h"

namespace kizu::inspection {

/// What is learnt from, and what judges the result: never a photo of the test.
struct HoldOut {
  TrainingSet training;
  std::vector<Example> held_out;  // generated pairs, and half as many good photos to see false alarms
};

/// Every n-th pair is held out, so that all types are in both parts: `share` of them, at most 24.
HoldOut hold_out(const TrainingSet& set, double share);

/// Pixel metrics of the network on the examples, seen as by heat_maps.
metrics::RankingMetrics judge_localizer(const std::vector<std::shared_ptr<Localizer>>& nets, WorkerPool& pool,
                                        const std::vector<Example>& examples, Views views, int64_t window);

}  // namespace kizu::inspection
