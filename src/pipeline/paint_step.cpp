#include <algorithm>

#include "anomaly/saved_pair.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "pipeline/concept_memory.h"
#include "pipeline/paint_jobs.h"
#include "pipeline/synthetic_marks.h"
#include "tensor/noise.h"
#include "tensor/torch_threads.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

class Painter {
 public:
  Painter(const Workspace& workspace, const ConceptStep& step, int64_t side)
      : workspace_(workspace), step_(step), side_(side), folder_(workspace.step("pairs")) {}

  /// The records of jobs that are done; fewer than the jobs where one is not.
  std::vector<Json> done(const PaintJobs& jobs) const {
    std::vector<Json> records;
    for (const auto& job : jobs)
      if (const auto file = place(job, ".json"); std::filesystem::exists(file))
        records.push_back(read_json(file));
    return records;
  }

  std::vector<Json> paint(ldm::LatentDiffusion& base, const anomaly::Context& context,
                          const PaintJobs& jobs) const {
    const auto asked = requests_of(jobs, workspace_);
    const auto pairs = anomaly::paint_pairs(base, context, asked, side_, step_.preset);
    std::vector<Json> records;
    for (size_t i = 0; i < jobs.size(); i++) records.push_back(write(jobs[i], asked[i].seed, pairs[i]));
    return records;
  }

 private:
  std::filesystem::path place(const PaintJob& job, const char* suffix) const {
    auto file = folder_ / std::filesystem::u8path(file_name_of(job.type())) / number_text(job.number);
    return file += suffix;
  }

  // The record's file is written last: where it is, the pair is complete and is not made again.
  Json write(const PaintJob& job, uint64_t seed, const anomaly::PaintedPair& pair) const {
    make_folders(place(job, "").parent_path());
    const auto relative = [&](const std::filesystem::path& file) {
      return generic_utf8(file.lexically_relative(folder_));
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
  int64_t side_;
  std::filesystem::path folder_;
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

/// Paints what is not there yet and returns the records of all.
std::vector<std::vector<Json>> paint_all(const Workspace& workspace, const ConceptStep& step,
                                         const std::vector<Json>& masks,
                                         const anomaly::LearnedConcepts& concepts, Observer& observer) {
  const Painter painter(workspace, step, concepts.spatial_config.side);
  const auto batches = jobs_together(masks, step.rows_at_once);
  std::vector<std::vector<Json>> records(batches.size());
  std::vector<size_t> left;  // batches to be painted
  PaintJobs jobs_left;
  for (size_t i = 0; i < batches.size(); i++) {
    records[i] = painter.done(batches[i]);
    if (records[i].size() == batches[i].size()) continue;
    left.push_back(i);
    jobs_left.insert(jobs_left.end(), batches[i].begin(), batches[i].end());
  }
  const auto contexts = paint_contexts(masks, jobs_left, workspace, step, concepts);
  auto load = step.load;
  load.text = false;
  auto base = ldm::LatentDiffusion::load(workspace.model, load);
  WorkerPool pool(load.device.is_cuda() ? 1 : workspace.workers);
  // Fewer batches than threads: each has several.
  const int batches_at_once = std::clamp<int>(static_cast<int>(left.size()), 1, pool.size());
  const int cores = load.own_loops() ? pool.size() / batches_at_once : 1;
  std::mutex mutex;
  size_t done = batches.size() - left.size();
  pool.run(static_cast<int64_t>(left.size()), [&](int, int64_t i) {
    if (observer.wants_stop()) throw Interrupted();
    const TorchThreads several(cores);
    const auto at = left[static_cast<size_t>(i)];
    auto made = painter.paint(base, joined(contexts, batches[at], load.device), batches[at]);
    const std::lock_guard lock(mutex);
    records[at] = std::move(made);
    observer.progressed("generate", static_cast<int64_t>(++done), static_cast<int64_t>(batches.size()),
                        batches[at].front().type());
  });
  return records;
}

/// Throws Error for a mask whose defect nobody has learned to paint.
void check_known(const std::vector<Json>& masks, const anomaly::LearnedConcepts& concepts,
                 const Workspace& workspace) {
  const auto file = (workspace.step("learn") / "concepts.safetensors").string();
  if (concepts.spatial.empty())
    throw Error(file + " has no spatial encoder; run kizu learn, or import one with --spatial");
  for (const auto& mask : masks)
    if (const auto name = concept_name(workspace.category, mask.at("type"));
        concepts.anomalies.count(name) == 0)
      throw Error(file + " does not know '" + name + "'; run kizu learn again");
}

}  // namespace

void paint_step(const Workspace& workspace, const ConceptStep& asked, Observer& observer) {
  asked.check_for(workspace.model);
  const auto step = asked.on(workspace.model);
  const auto masks_file = workspace.step("masks") / "masks.json";
  const auto learned = workspace.step("learn") / "concepts.safetensors";
  const auto masks_hash = hash_of_result(masks_file, "masks");
  const auto concepts = read_concepts(workspace);
  const auto masks = read_masks(masks_file);
  check_known(masks, concepts, workspace);
  const auto enough_memory = [&] {
    require_memory(painting_memory(ldm::read_config(workspace.model), step, workspace.workers,
                                   static_cast<int64_t>(masks.size())),
                   step, anomaly::kPainting, workspace.workers);
  };
  RunFolder run(workspace.step("pairs"), "generate", describe(step, anomaly::kPainting, workspace.seed),
                {{"masks", masks_hash}, {"concepts", hash_of_result(learned, "learn")}}, enough_memory);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  on_device(step, anomaly::kPainting, [&] {
    const auto all = summary(paint_all(workspace, step, masks, concepts, journal));
    write_json(run.path() / "pairs.json", all);
    run.finish({{"pairs", all["pairs"].size()}, {"dropped", 0}});
  });
}

}  // namespace kizu::pipeline
