#include "anomaly/concept_generation.h"
#include "anomaly/saved_pair.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "pipeline/concept_memory.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

/// Samples and keeps the masks of one type; a batch whose record is there is not made again.
class TypeMasks {
 public:
  /// Squares of `side` pixels.
  TypeMasks(const Workspace& workspace, const ConceptStep& step, const std::string& type, int64_t side,
            const std::filesystem::path& folder)
      : workspace_(workspace),
        step_(step),
        side_(side),
        name_(concept_name(workspace.category, type)),
        root_(folder),
        folder_(folder / std::filesystem::u8path(file_name_of(type))) {
    make_folders(folder_);
  }

  /// Files of as many masks as are wanted, relative to the folder of all types.
  std::vector<std::string> make(ldm::LatentDiffusion& base, const anomaly::MaskContexts& contexts,
                                WorkerPool& pool, Observer& observer) {
    const auto wanted = static_cast<size_t>(step_.pairs_per_type());
    const int64_t most = 8 * (step_.pairs_per_type() / anomaly::kMaskBatch + 1);  // batches
    for (int64_t batch = 0; files_.size() < wanted; batch++) {
      if (observer.wants_stop()) throw Interrupted();
      if (batch == most)
        throw Error("of " + std::to_string(batch * anomaly::kMaskBatch) + " masks made for '" + name_ +
                    "' only " + std::to_string(files_.size()) +
                    " are plausible; learn its masks longer (--set mask_steps=...), or vary the shots' own "
                    "(--set mask_source=varied)");
      take(batch, base, contexts, pool);
      observer.progressed("masks of " + name_, static_cast<int64_t>(std::min(files_.size(), wanted)),
                          static_cast<int64_t>(wanted), "");
    }
    files_.resize(wanted);
    return files_;
  }

 private:
  void take(int64_t batch, ldm::LatentDiffusion& base, const anomaly::MaskContexts& contexts,
            WorkerPool& pool) {
    const auto record = folder_ / ("batch-" + number_text(batch + 1) + ".json");
    if (!std::filesystem::exists(record)) {
      Json made = Json::array();
      for (const auto& mask :
           anomaly::sample_masks(base, contexts, name_, side_, workspace_.seed, batch, step_.preset, pool)) {
        const auto number = static_cast<int64_t>(files_.size() + made.size()) + 1;
        const auto file = anomaly::write_mask(folder_ / number_text(number), mask, step_.preset);
        made.push_back(generic_utf8(file.lexically_relative(root_)));
      }
      write_json(record, {{"masks", made}});
    }
    const auto made = read_json(record);
    for (const auto& file : made.at("masks")) files_.push_back(file);
  }

  const Workspace& workspace_;
  const ConceptStep& step_;
  int64_t side_;
  std::string name_;
  std::filesystem::path root_, folder_;
  std::vector<std::string> files_;
};

/// The text encoder is loaded for these alone, and is gone before the U-Net comes in.
anomaly::MaskContexts contexts_of(const Workspace& workspace, const ConceptStep& step,
                                  const anomaly::LearnedConcepts& concepts,
                                  const std::vector<std::string>& types, WorkerPool& pool) {
  auto load = step.load;
  load.unet = load.autoencoder = false;
  auto base = ldm::LatentDiffusion::load(workspace.model, load);
  std::vector<std::string> names;
  for (const auto& type : types) names.push_back(concept_name(workspace.category, type));
  return {base, concepts, names, step.preset, pool};
}

/// Makes what is missing and returns the entries of masks.json.
Json make_all(const Workspace& workspace, const ConceptStep& step, const dataset::Split& split,
              const anomaly::LearnedConcepts& concepts, const std::filesystem::path& folder,
              Observer& observer) {
  WorkerPool pool(step.load.device.is_cpu() ? workspace.workers : 1);
  const auto contexts = contexts_of(workspace, step, concepts, split.types(), pool);
  auto load = step.load;
  load.text = false;
  auto base = ldm::LatentDiffusion::load(workspace.model, load);
  const auto good = split.good_train();
  Json masks = Json::array();
  for (const auto& type : split.types()) {
    const auto files = TypeMasks(workspace, step, type, concepts.spatial_config.side, folder)
                           .make(base, contexts, pool, observer);
    for (size_t i = 0; i < files.size(); i++) {
      const uint64_t seed = mix(workspace.seed, "mask " + type, i);
      const auto chosen = NoiseStream(mix(seed, "photo")).below(static_cast<int64_t>(good.size()));
      const auto& photo = good[static_cast<size_t>(chosen)];
      masks.push_back({{"type", type},
                       {"file", files[i]},
                       {"photo", photo.image},
                       {"photo_sha256", photo.image_sha256},
                       {"origin", {{"kind", "mask embedding"}}},
                       {"seed", seed}});
    }
  }
  return masks;
}

}  // namespace

void concept_mask_step(const Workspace& workspace, const ConceptStep& asked, Observer& observer) {
  asked.check_for(workspace.model);
  const auto step = asked.on(workspace.model);
  const auto split = workspace.split();
  if (split.good_train().empty())
    throw Error(workspace.data.string() + ": no good photo is left to paint on; add good photos");
  const auto concepts = read_concepts(workspace);
  for (const auto& type : split.types())
    if (concepts.masks.count(concept_name(workspace.category, type)) == 0)
      throw Error("no mask embedding of '" + type +
                  "' has been learned; run kizu learn with this --preset, or add --set mask_source=varied");
  const auto enough_memory = [&] {
    require_memory(mask_memory(ldm::read_config(workspace.model), step, workspace.workers), step,
                   anomaly::kMasking, workspace.workers);
  };
  RunFolder run(workspace.step("masks"), "masks", describe(step, anomaly::kMasking, workspace.seed),
                {{"concepts", hash_of_result(workspace.step("learn") / "concepts.safetensors", "learn")}},
                enough_memory);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  on_device(step, anomaly::kMasking, [&] {
    const auto masks = make_all(workspace, step, split, concepts, run.path(), journal);
    write_json(run.path() / "masks.json", {{"masks", masks}});
    run.finish({{"masks", masks.size()}});
  });
}

}  // namespace kizu::pipeline
