#include "core/error.h"
#include "core/run_folder.h"
#include "pipeline/adapt.h"
#include "pipeline/steps.h"

namespace kizu::pipeline {
namespace {

const char* name_of(anomaly::Tuned tuned) {
  switch (tuned) {
    case anomaly::Tuned::kTokens:
      return "tokens";
    case anomaly::Tuned::kSpatial:
      return "spatial";
    case anomaly::Tuned::kCrossAttention:
      return "cross-attention";
    case anomaly::Tuned::kUNet:
      return "unet";
  }
  return "";
}

Json describe(const LearnStep& step, uint64_t seed) {
  const auto& o = step.options;
  return {{"format", 3},  // 3: with the mean change of each shot in units of the light
          {"tuned", name_of(o.tuned)},
          {"steps_per_type", o.steps_per_type},
          {"batch", o.batch},
          {"variants", o.variants},
          {"token_rate", o.token_rate},
          {"spatial_rate", o.spatial_rate},
          {"cross_attention_rate", o.cross_attention_rate},
          {"unet_rate", o.unet_rate},
          {"inside", o.inside},
          {"whole", o.whole},
          {"zoom", o.window.zoom},
          {"margin", o.window.margin},
          {"shards", o.shards},
          {"flat", o.flat},
          {"adapt_minutes", step.adapt_minutes},
          {"seed", seed}};
}

}  // namespace

void learn_step(const Workspace& workspace, const LearnStep& step, Observer& observer) {
  step.options.check();
  const auto split = workspace.split();
  const auto split_hash = hash_of_result(workspace.step("split") / "split.json", "split");
  RunFolder run(workspace.step("learn"), "learn", describe(step, workspace.seed),
                {{"split", split_hash}, {"model", hash_of_model(workspace.model)}});
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  auto options = step.options;
  options.seed = workspace.seed;
  options.workers = workspace.workers;
  auto model = ldm::CompactModel::load(workspace.model);
  if (step.adapt_minutes > 0)
    adapt(model, workspace, split, step.adapt_minutes, run.path() / "adapted", journal);
  anomaly::LearningCurve curve;
  auto embeddings =
      anomaly::learn(model, split.types(), load_shots(workspace, split), options, run.path(), journal, curve);
  embeddings.metadata = {{"split", split_hash},
                         {"model", hash_of_model(workspace.model)},
                         {"options", describe(step, workspace.seed).dump()}};
  embeddings.write(run.path() / "embeddings.safetensors");
  std::filesystem::remove(run.path() / "learn.checkpoint.safetensors");
  run.finish(
      {{"embeddings", "embeddings.safetensors"}, {"steps", curve.steps.back()}, {"loss", curve.loss.back()}});
}

}  // namespace kizu::pipeline
