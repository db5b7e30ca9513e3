#include <algorithm>

#include "anomaly/concept_generation.h"
#include "anomaly/saved_pair.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "image/codec.h"
#include "pipeline/concept_memory.h"
#include "pipeline/synthetic_marks.h"
#include "tensor/noise.h"
#include "tensor/torch_threads.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

/// An entry of masks.json; `number` counts within the type.
struct Job {
  Json mask;
  int64_t number = 0;
  std::string type() const { return mask.at("type"); }
};
using Jobs = std::vector<Job>;

/// In order, at most `rows` together and of one type: in training mode the spatial encoder sees them
/// together.
std::vector<Jobs> batches_of(const std::vector<Json>& masks, int64_t rows) {
  std::map<std::string, int64_t> count;
  std::vector<Jobs> batches;
  for (const auto& mask : masks) {
    const auto type = mask.at("type").get<std::string>();
    const bool fits = !batches.empty() && static_cast<int64_t>(batches.back().size()) < rows &&
                      batches.back().front().type() == type;
    if (!fits) batches.emplace_back();
    batches.back().push_back({mask, ++count[type]});
  }
  return batches;
}

class Painter {
 public:
  Painter(const Workspace& workspace, const ConceptStep& step, const std::filesystem::path& folder)
      : workspace_(workspace), step_(step), folder_(folder), concepts_(read_concepts(workspace)) {}

  /// The records of jobs that are done; fewer than the jobs where one is not.
  std::vector<Json> done(const Jobs& jobs) const {
    std::vector<Json> records;
    for (const auto& job : jobs)
      if (const auto file = place(job, ".json"); std::filesystem::exists(file))
        records.push_back(read_json(file));
    return records;
  }

  /// The text encoder is loaded for these alone, and is gone before the U-Net comes in.
  std::vector<anomaly::Context> contexts(const std::vector<Jobs>& batches) const {
    auto load = step_.load;
    load.unet = load.autoencoder = false;
    auto base = ldm::LatentDiffusion::load(workspace_.model, load);
    auto encoder = concepts_.spatial_encoder();
    encoder->to(load.device);
    std::vector<anomaly::Context> contexts;
    WorkerPool one(1);  // the spatial encoder is not for several threads, and sums keep their order
    one.run(static_cast<int64_t>(batches.size()), [&](int, int64_t i) {
      contexts.push_back(anomaly::paint_context(base, concepts_, encoder,
                                                requests(batches[static_cast<size_t>(i)]), step_.preset));
    });
    return contexts;
  }

  std::vector<Json> paint(ldm::LatentDiffusion& base, const anomaly::Context& context,
                          const Jobs& jobs) const {
    const auto asked = requests(jobs);
    const auto pairs =
        anomaly::paint_pairs(base, context, asked, concepts_.spatial_config.side, step_.preset);
    std::vector<Json> records;
    for (size_t i = 0; i < jobs.size(); i++) records.push_back(write(jobs[i], asked[i].seed, pairs[i]));
    return records;
  }

 private:
  std::vector<anomaly::PaintRequest> requests(const Jobs& jobs) const {
    std::vector<anomaly::PaintRequest> all;
    for (const auto& job : jobs) {
      const auto photo = std::filesystem::u8path(job.mask.at("photo").get<std::string>());
      const auto mask = std::filesystem::u8path(job.mask.at("file").get<std::string>());
      all.push_back({concept_name(workspace_.category, job.type()), read_image(workspace_.data / photo),
                     anomaly::picture_of(read_mask(workspace_.step("masks") / mask)),
                     mix(workspace_.seed, "pair " + job.type(), job.number)});
    }
    return all;
  }

  std::filesystem::path place(const Job& job, const char* suffix) const {
    auto file = folder_ / std::filesystem::u8path(file_name_of(job.type())) / number_text(job.number);
    return file += suffix;
  }

  // The record's file is written last: where it is, the pair is complete and is not made again.
  Json write(const Job& job, uint64_t seed, const anomaly::PaintedPair& pair) const {
    make_folders(place(job, "").parent_path());
    const auto relative = [&](const std::filesystem::path& file) {
      return file.lexically_relative(folder_).generic_u8string();
    };
    const auto image = anomaly::write_picture(place(job, ".image"), pair.image, step_.preset,
                                              synthetic_marks(job.type(), seed));
    const auto mask = anomaly::write_mask(place(job, ".mask"), pair.mask, step_.preset);
    const Json record = {
        {"type", job.type()},
        {"seed", seed},
        {"attempts", 1},
        {"source", {{"file", job.mask.at("photo")}, {"sha256", job.mask.at("photo_sha256")}}},
        {"mask_origin", job.mask.at("origin")},
        {"options", describe(step_, anomaly::kPainting, workspace_.seed)},
        {"scores", Json::object()},
        {"dropped", false},
        {"image", relative(image)},
        {"mask", relative(mask)}};
    write_json(place(job, ".json"), record);
    return record;
  }

  const Workspace& workspace_;
  const ConceptStep& step_;
  std::filesystem::path folder_;
  anomaly::LearnedConcepts concepts_;
};

Json summary(const std::vector<std::vector<Json>>& records) {
  std::map<std::string, int> made;
  Json all = {{"types", Json::array()}, {"pairs", Json::array()}, {"dropped", Json::array()}};
  for (const auto& batch : records)
    for (const auto& record : batch) {
      all["pairs"].push_back(record);
      made[record.at("type").get<std::string>()]++;
    }
  for (const auto& [type, count] : made)
    all["types"].push_back(
        {{"type", type}, {"asked", count}, {"made", count}, {"retried", 0}, {"dropped", 0}});
  return all;
}

}  // namespace

void paint_step(const Workspace& workspace, const ConceptStep& asked, Observer& observer) {
  asked.check_for(workspace.model);
  const auto step = asked.on(workspace.model);
  const auto masks_file = workspace.step("masks") / "masks.json";
  const auto learned = workspace.step("learn") / "concepts.safetensors";
  const auto masks_hash = hash_of_result(masks_file, "masks");
  const Painter painter(workspace, step, workspace.step("pairs"));
  const auto masks = read_masks(masks_file);
  const auto enough_memory = [&] {
    require_memory(painting_memory(ldm::read_config(workspace.model), step, workspace.workers,
                                   static_cast<int64_t>(masks.size())),
                   step, anomaly::kPainting, workspace.workers);
  };
  RunFolder run(workspace.step("pairs"), "generate", describe(step, anomaly::kPainting, workspace.seed),
                {{"masks", masks_hash}, {"concepts", hash_of_result(learned, "learn")}}, enough_memory);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto batches = batches_of(masks, step.rows_at_once);
  std::vector<std::vector<Json>> records(batches.size());
  std::vector<size_t> left;  // batches to be painted
  std::vector<Jobs> to_paint;
  for (size_t i = 0; i < batches.size(); i++) {
    records[i] = painter.done(batches[i]);
    if (records[i].size() == batches[i].size()) continue;
    left.push_back(i);
    to_paint.push_back(batches[i]);
  }
  WorkerPool pool(step.load.device.is_cuda() ? 1 : workspace.workers);
  const auto contexts = painter.contexts(to_paint);
  auto load = step.load;
  load.text = false;
  auto base = ldm::LatentDiffusion::load(workspace.model, load);
  // Fewer batches than threads: each has several.
  const int batches_at_once = std::clamp<int>(static_cast<int>(left.size()), 1, pool.size());
  const int cores = step.load.own_loops() ? pool.size() / batches_at_once : 1;
  std::mutex mutex;
  size_t done = batches.size() - left.size();
  pool.run(static_cast<int64_t>(left.size()), [&](int, int64_t i) {
    if (journal.wants_stop()) throw Interrupted();
    const TorchThreads several(cores);
    const auto at = static_cast<size_t>(i);
    auto made = painter.paint(base, contexts[at], to_paint[at]);
    const std::lock_guard lock(mutex);
    records[left[at]] = std::move(made);
    journal.progressed("generate", static_cast<int64_t>(++done), static_cast<int64_t>(batches.size()),
                       to_paint[at].front().type());
  });
  const auto all = summary(records);
  write_json(run.path() / "pairs.json", all);
  run.finish({{"pairs", all["pairs"].size()}, {"dropped", 0}});
}

}  // namespace kizu::pipeline
