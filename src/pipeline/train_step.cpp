#include <cstdlib>

#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "image/codec.h"
#include "pipeline/good_photos.h"
#include "pipeline/steps.h"
#include "tensor/convert.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

using inspection::Source;

Json describe(const TrainStep& step, uint64_t seed) {
  const auto& o = step.options;
  Json json{{"net", o.net.net},
            {"width", o.net.width},
            {"mix", o.mix.text()},
            {"work_size", o.work_size},
            {"crop", o.samples.crop},
            {"detects", "through windows it learned from"},
            {"steps", o.steps},
            {"batch", o.batch},
            {"optimiser", inspection::name_of(o.chosen_optimiser())},
            {"rate", o.rate},
            {"dice", o.dice},
            {"balanced", o.balanced},
            {"average", o.average},
            {"holdout", o.holdout},
            {"choose", o.choose == inspection::Choose::kBest ? "best" : "last"},
            {"seed", seed}};
  if (step.pairs > 0) json["pairs"] = step.pairs;
  if (o.until_flat) json["until_flat"] = true;
  if (o.samples.turned > 0) json["turn_pairs"] = o.samples.turned;
  return json;
}

// The number of the mask that a pair was made from: type/0012.image.png
int64_t number_of(const Json& pair) {
  const auto file = utf8(std::filesystem::u8path(pair["image"].get<std::string>()).filename());
  return std::strtoll(file.c_str(), nullptr, 10);
}

inspection::Example load(const std::filesystem::path& image, const std::filesystem::path& mask,
                         int64_t work_size) {
  return inspection::make_example(to_01(read_image(image)),
                                  mask.empty() ? torch::Tensor() : to_tensor(read_mask(mask)), work_size);
}

// Pairs also judge when a training that does not draw from them is done.
bool needs_pairs(const inspection::TrainOptions& options) {
  return options.mix.draws_from(Source::kPairs) || options.mix.draws_from(Source::kPairPaste) ||
         options.until_flat;
}

/// A photo that is still to be read.
struct Listed {
  std::vector<inspection::Example>* pool;
  std::filesystem::path image, mask;  // no mask: good
};

// Only the pools that the mix draws from; good photos are always the canvas.
std::vector<Listed> list_set(const Workspace& workspace, const dataset::Split& split, const TrainStep& step,
                             inspection::TrainingSet& set) {
  std::vector<Listed> all;
  const auto at = [&](const std::string& file) { return workspace.data / std::filesystem::u8path(file); };
  for (const auto& photo : split.good_train()) all.push_back({&set.good, at(photo.image), {}});
  for (const auto& type : split.types())
    for (const auto& photo : split.shots(type)) all.push_back({&set.shots, at(photo.image), at(photo.mask)});
  if (!needs_pairs(step.options)) return all;
  const auto folder = workspace.step("pairs");
  for (const auto& pair : read_list(folder / "pairs.json", "pairs", {"image", "mask"})) {
    if (step.pairs > 0 && number_of(pair) > step.pairs) continue;
    all.push_back({&set.pairs, folder / std::filesystem::u8path(pair["image"].get<std::string>()),
                   folder / std::filesystem::u8path(pair["mask"].get<std::string>())});
  }
  return all;
}

inspection::TrainingSet load_set(const Workspace& workspace, const dataset::Split& split,
                                 const TrainStep& step) {
  inspection::TrainingSet set;
  const auto listed = list_set(workspace, split, step, set);
  std::vector<inspection::Example> examples(listed.size());
  WorkerPool threads(workspace.workers);
  threads.run(static_cast<int64_t>(listed.size()), [&](int, int64_t i) {
    const torch::NoGradGuard no_grad;
    examples[i] = load(listed[i].image, listed[i].mask, step.options.work_size);
  });
  for (std::size_t i = 0; i < listed.size(); i++) listed[i].pool->push_back(std::move(examples[i]));
  return set;
}

Json curve_of(const inspection::TrainOutcome& outcome) {
  Json steps = Json::array(), loss = Json::array(), held_out = Json::array();
  for (const auto& [step, value] : outcome.loss) {
    steps.push_back(step);
    loss.push_back(value);
  }
  for (const auto& [step, value] : outcome.holdout_ap) held_out.push_back({step, value});
  Json curve = {
      {"steps", steps}, {"loss", loss}, {"held_out", held_out}, {"chosen_step", outcome.chosen_step}};
  for (const auto& [step, value] : outcome.holdout_loss) curve["held_out_loss"].push_back({step, value});
  if (outcome.flat_at > 0) curve["flat_at"] = outcome.flat_at;
  return curve;
}

}  // namespace

void train_step(const Workspace& workspace, const TrainStep& step, Observer& observer) {
  step.options.check();
  const auto split = workspace.split();
  auto chosen = step;
  auto& options = chosen.options;
  options = options.for_photos(has_aligned_photos(workspace, split));
  options.seed = step.seed.value_or(workspace.seed);
  options.workers = workspace.workers;
  if (options.steps == 0)
    options.steps = inspection::TrainOptions::default_steps(static_cast<int64_t>(split.types().size()));
  Json inputs = {{"split", hash_of_result(workspace.step("split") / "split.json", "split")}};
  if (needs_pairs(step.options)) {
    inputs["pairs"] = hash_of_result(workspace.step("pairs") / "pairs.json", "generate");
  }
  RunFolder run(workspace.step("localizer-" + step.name), "train", describe(chosen, options.seed), inputs);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto outcome =
      inspection::train_localizer(load_set(workspace, split, chosen), options, run.path(), journal);
  write_json(run.path() / "curve.json", curve_of(outcome));
  std::filesystem::remove(run.path() / "localizer.checkpoint.safetensors");
  run.finish({{"localizer", "localizer.safetensors"},
              {"chosen_step", outcome.chosen_step},
              {"threshold", outcome.threshold}});
}

}  // namespace kizu::pipeline
