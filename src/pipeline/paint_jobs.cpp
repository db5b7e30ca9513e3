#include "pipeline/paint_jobs.h"

#include <algorithm>
#include <set>

#include "anomaly/saved_pair.h"
#include "image/codec.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {

std::vector<PaintJobs> jobs_together(const std::vector<Json>& masks, int64_t most) {
  std::map<std::string, int64_t> count;
  std::vector<PaintJobs> batches;
  for (size_t i = 0; i < masks.size(); i++) {
    const auto type = masks[i].at("type").get<std::string>();
    const bool fits = !batches.empty() && static_cast<int64_t>(batches.back().size()) < most &&
                      batches.back().front().type() == type;
    if (!fits) batches.emplace_back();
    batches.back().push_back({masks[i], ++count[type], i});
  }
  return batches;
}

std::vector<anomaly::PaintRequest> requests_of(const PaintJobs& jobs, const Workspace& workspace) {
  std::vector<anomaly::PaintRequest> all;
  for (const auto& job : jobs) {
    const auto photo = std::filesystem::u8path(job.mask.at("photo").get<std::string>());
    const auto mask = std::filesystem::u8path(job.mask.at("file").get<std::string>());
    all.push_back({concept_name(workspace.category, job.type()), read_image(workspace.data / photo),
                   anomaly::picture_of(read_mask(workspace.step("masks") / mask)),
                   mix(workspace.seed, "pair " + job.type(), job.number)});
  }
  return all;
}

std::map<size_t, anomaly::Context> paint_contexts(const std::vector<Json>& masks, const PaintJobs& left,
                                                  const Workspace& workspace, const ConceptStep& step,
                                                  const anomaly::LearnedConcepts& concepts) {
  auto load = step.load;
  load.unet = load.autoencoder = false;
  auto base = ldm::LatentDiffusion::load(workspace.model, load);
  auto encoder = concepts.spatial_encoder();
  encoder->to(load.device);
  std::set<size_t> wanted;
  for (const auto& job : left) wanted.insert(job.place);
  std::map<size_t, anomaly::Context> contexts;
  WorkerPool one(1);  // the spatial encoder is not for several threads, and sums keep their order
  const auto batches = jobs_together(masks, step.preset.masks_together());
  one.run(static_cast<int64_t>(batches.size()), [&](int, int64_t i) {
    const auto& jobs = batches[static_cast<size_t>(i)];
    if (std::none_of(jobs.begin(), jobs.end(), [&](const auto& job) { return wanted.count(job.place) > 0; }))
      return;
    const auto all =
        anomaly::paint_context(base, concepts, encoder, requests_of(jobs, workspace), step.preset);
    for (size_t row = 0; row < jobs.size(); row++) {
      if (wanted.count(jobs[row].place) == 0) continue;
      const auto at = static_cast<int64_t>(row);
      contexts[jobs[row].place] = {all.tokens.slice(0, at, at + 1).to(torch::kCPU).clone(),
                                   all.ranges.slice(0, at, at + 1)};
    }
  });
  return contexts;
}

anomaly::Context joined(const std::map<size_t, anomaly::Context>& contexts, const PaintJobs& jobs,
                        torch::Device device) {
  std::vector<torch::Tensor> tokens, ranges;
  for (const auto& job : jobs) {
    tokens.push_back(contexts.at(job.place).tokens);
    ranges.push_back(contexts.at(job.place).ranges);
  }
  return {torch::cat(tokens).to(device), torch::cat(ranges)};
}

}  // namespace kizu::pipeline
