#include "study/quality_step.h"

#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "ldm/compact_model.h"
#include "pipeline/adapt.h"
#include "quality/inception_score.h"
#include "quality/sampling.h"
#include "report/report.h"
#include "study/pair_alignment.h"
#include "study/type_quality.h"
#include "tensor/noise.h"

namespace kizu::study {
namespace {

namespace fs = std::filesystem;
using quality::Instruments;

std::vector<Json> chosen(const std::vector<Json>& all, int64_t most, uint64_t seed) {
  std::vector<Json> some;
  for (const auto i : quality::drawn(static_cast<int64_t>(all.size()), most, seed)) some.push_back(all[i]);
  return some;
}

/// Those that need no network, the autoencoder of a compact base, and every network.
std::vector<quality::FeatureSet> feature_sets(const pipeline::Workspace& workspace,
                                              const Instruments& instruments) {
  std::vector<quality::FeatureSet> sets{quality::surface_features(), quality::mask_features()};
  if (fs::exists(workspace.step("learn") / "embeddings.safetensors")) {
    const auto autoencoder = ldm::CompactModel::load(base_of(workspace)).autoencoder;
    autoencoder->eval();
    sets.push_back(quality::place_features(
        "latents of the base",
        [autoencoder](const torch::Tensor& image_01) { return autoencoder->encode(image_01 * 2 - 1); }));
  }
  for (const auto& each : instruments.networks) sets.push_back(quality::network_features(each.network));
  return sets;
}

torch::Tensor probabilities_of(const Instruments::Network& network, const std::vector<torch::Tensor>& whole,
                               WorkerPool& pool) {
  std::vector<torch::Tensor> rows(whole.size());
  pool.run(static_cast<int64_t>(whole.size()), [&](int, int64_t i) {
    const torch::NoGradGuard no_grad;
    rows[i] = network.network->probabilities(whole[i].unsqueeze(0));
  });
  return torch::cat(rows);
}

Json score_of(const Instruments& instruments, const std::vector<torch::Tensor>& whole, uint64_t seed,
              WorkerPool& pool) {
  if (whole.empty()) return nullptr;
  const auto splits = quality::splits_for(static_cast<int64_t>(whole.size()));
  return quality::inception_score(probabilities_of(*instruments.classifier(), whole, pool), splits, seed);
}

void append(std::vector<torch::Tensor>& to, const std::vector<torch::Tensor>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Everything of one run, type by type; whole pictures are kept for the Inception score.
class Measurement {
 public:
  Measurement(const pipeline::Workspace& workspace, const QualityStep& step, Instruments instruments)
      : workspace_(workspace),
        step_(step),
        instruments_(std::move(instruments)),
        split_(workspace.split()),
        pool_(workspace.workers),
        sets_(feature_sets(workspace, instruments_)) {
    for (const auto& record :
         pipeline::read_list(workspace.step("pairs") / "pairs.json", "pairs", {"type", "image", "mask"}))
      records_[record.at("type")].push_back(record);
  }

  std::vector<std::string> types() const { return split_.types(); }

  Json measure(const std::string& type) {
    const auto& all = records_[type];
    const uint64_t seed = mix(workspace_.seed, "quality " + type);
    const auto some = chosen(all, step_.most, mix(seed, "pairs"));
    TypePictures pictures;
    pictures.real = real_pictures(workspace_, split_.test(type), pool_);
    pictures.shots = real_pictures(workspace_, split_.shots(type), pool_);
    pictures.pairs = pair_pictures(workspace_, some, pool_);
    pictures.pasted = crop_paste_pictures(workspace_, split_.shots(type), split_.good_train(),
                                          static_cast<int64_t>(some.size()), seed, pool_);
    append(made_, pictures.pairs.whole);
    append(real_, pictures.real.whole);
    append(pasted_, pictures.pasted.whole);
    return {{"type", type},
            {"pairs", all.size()},
            {"compared", some.size()},
            {"real", pictures.real.size()},
            {"shots", pictures.shots.size()},
            {"alignment",
             alignment_of_pairs(workspace_, all, chosen(all, step_.unblended, mix(seed, "free")), pool_)},
            {"statistics", statistics_of(pictures)},
            {"frechet", frechet_of(pictures, sets_, seed, pool_)},
            {"diversity", diversity_of(pictures, instruments_, seed, pool_)}};
  }

  /// Over all types together; null without a network that has classes.
  Json inception_score() {
    if (instruments_.classifier() == nullptr) return nullptr;
    const uint64_t seed = mix(workspace_.seed, "inception");
    return {{"network", instruments_.classifier()->network->name()},
            {"pairs", score_of(instruments_, made_, seed, pool_)},
            {"real", score_of(instruments_, real_, seed, pool_)},
            {"crop_paste", score_of(instruments_, pasted_, seed, pool_)}};
  }

 private:
  const pipeline::Workspace& workspace_;
  const QualityStep& step_;
  Instruments instruments_;
  dataset::Split split_;
  WorkerPool pool_;
  std::vector<quality::FeatureSet> sets_;
  std::map<std::string, std::vector<Json>> records_;
  std::vector<torch::Tensor> made_, real_, pasted_;
};

}  // namespace

void QualityStep::check() const {
  if (most < 2 || most > 2000) throw Error("--most: between 2 and 2000");
  if (unblended < 0 || unblended > 100000) throw Error("--unblended: 0 or more");
}

void quality_step(const pipeline::Workspace& workspace, const QualityStep& step, Observer& observer) {
  step.check();
  auto instruments = Instruments::open(step.features, step.lpips);
  const auto missing = instruments.missing;
  const auto tools = instruments.describe();
  RunFolder run(
      workspace.step("quality"), "quality",
      {{"most", step.most}, {"unblended", step.unblended}, {"instruments", tools}, {"seed", workspace.seed}},
      {{"split", pipeline::hash_of_result(workspace.step("split") / "split.json", "split")},
       {"pairs", pipeline::hash_of_result(workspace.step("pairs") / "pairs.json", "generate")}});
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  for (const auto& sentence : missing) journal.said("quality: " + sentence);
  Measurement measurement(workspace, step, std::move(instruments));
  Json types = Json::array();
  const auto names = measurement.types();
  for (const auto& name : names) {
    if (journal.wants_stop()) throw Interrupted();
    types.push_back(measurement.measure(name));
    journal.progressed("quality", static_cast<int64_t>(types.size()), static_cast<int64_t>(names.size()),
                       name);
  }
  write_json(run.path() / "quality.json", {{"instruments", tools},
                                           {"missing", missing},
                                           {"types", types},
                                           {"inception_score", measurement.inception_score()}});
  run.finish({{"quality", "quality.json"}});
  report::write_report(workspace.out);
}

}  // namespace kizu::study
