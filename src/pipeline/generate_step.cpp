#include <algorithm>
#include <mutex>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "image/codec.h"
#include "pipeline/adapt.h"
#include "pipeline/steps.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

const char* name_of(anomaly::ReweightMode mode) {
  switch (mode) {
    case anomaly::ReweightMode::kOff:
      return "off";
    case anomaly::ReweightMode::kPaper:
      return "paper";
    case anomaly::ReweightMode::kReference:
      return "reference";
  }
  return "";
}

Json describe(const GenerateStep& step, uint64_t seed) {
  const auto& o = step.options;
  return {{"sampler", o.sampler == anomaly::Sampler::kDdim ? "ddim" : "dpm++"},
          {"steps", o.steps},
          {"eta", o.eta},
          {"guidance", o.guidance},
          {"reweighting", name_of(o.reweighting)},
          {"strength", o.strength},
          {"variety", o.variety},
          {"match", o.match},
          {"from_shots", o.from_shots},
          {"redraw", o.redraw},
          {"background", o.background == anomaly::Background::kWhole ? "whole" : "outside"},
          {"feather", o.feather},
          {"tighten", o.tighten},
          {"zoom", o.window.zoom},
          {"margin", o.window.margin},
          {"attempts", step.attempts},
          {"difference", step.difference},
          {"seed", seed}};
}

// What is written into every picture, so that nobody takes it for a photo.
std::map<std::string, std::string> marks(const Json& record) {
  return {{"Source", "Synthetic: painted by kizu onto a real photo (compositeWithTrainedAlgorithmicMedia)"},
          {"Software", "kizu"},
          {"Comment", "type " + record["type"].get<std::string>() + ", seed " +
                          std::to_string(record["seed"].get<uint64_t>())}};
}

Image difference_of(const Image& good, const Image& made) {
  Image difference = good;
  const int middle = (good.max_value() + 1) / 2;
  for (size_t i = 0; i < good.values.size(); i++) {
    difference.values[i] = static_cast<uint16_t>(
        std::clamp(middle + (made.values[i] - good.values[i]) / 2, 0, good.max_value()));
  }
  return difference;
}

class Maker {
 public:
  Maker(const Workspace& workspace, const GenerateStep& step, const std::filesystem::path& folder,
        int workers)
      : workspace_(workspace),
        step_(step),
        folder_(folder),
        embeddings_(anomaly::Embeddings::read(workspace.step("learn") / "embeddings.safetensors")) {
    auto model = ldm::CompactModel::load(base_of(workspace));
    embeddings_.tune(model);
    models_.push_back(model);
    while (static_cast<int>(models_.size()) < workers) models_.push_back(model.replica());
    for (const auto& each : models_) each.train(false);
    model_hash_ = hash_of_model(base_of(workspace));
    embeddings_hash_ = hash_of_result(workspace.step("learn") / "embeddings.safetensors", "learn");
    const auto split = workspace.split();
    const auto photos = load_shots(workspace, split);
    for (const auto& type : split.types()) {
      auto& shots = shots_[type];
      for (const auto& photo : photos) {
        if (photo.type == type) shots.push_back({photo.image, photo.mask});
      }
      standards_.emplace(type, anomaly::Standard::of(shots));
      for (const auto& photo : split.shots(type)) names_[type].push_back(photo.mask);
    }
  }

  // The record's file is written last: where it is, the pair is complete and is not made again.
  Json make(int worker, const Json& mask, int64_t number) const {
    const torch::NoGradGuard no_grad;
    const auto type = mask["type"].get<std::string>();
    const auto stem = std::filesystem::u8path(file_name_of(type)) / number_text(number);
    for (const auto& place : {folder_ / stem, folder_ / "dropped" / stem}) {
      auto record = place;
      if (std::filesystem::exists(record += ".json")) return read_json(record);
    }
    const auto source = mask["photo"].get<std::string>();
    const auto good = read_image(workspace_.data / std::filesystem::u8path(source));
    const auto where =
        read_mask(workspace_.step("masks") / std::filesystem::u8path(mask["file"].get<std::string>()));
    const uint64_t seed = mix(workspace_.seed, "pair " + type, number);
    const auto made =
        anomaly::generate_checked(models_[worker], embeddings_.of(type), good, where, seed, step_.options,
                                  standards_.at(type), step_.attempts, donor_of(type, mask["origin"]));
    Json windows = Json::array();
    for (const auto& w : made.pair.windows)
      windows.push_back({{"x", w.x}, {"y", w.y}, {"side", w.side}, {"canvas", w.canvas}});
    Json record = {{"type", type},
                   {"seed", made.pair.seed},
                   {"attempts", made.attempts},
                   {"redrawn", made.pair.redrawn},
                   {"source", {{"file", source}, {"sha256", mask["photo_sha256"]}}},
                   {"mask_origin", mask["origin"]},
                   {"model_sha256", model_hash_},
                   {"embeddings_sha256", embeddings_hash_},
                   {"options", describe(step_, workspace_.seed)},
                   {"windows", windows},
                   {"window", windows[0]},
                   {"scores",
                    {{"visible", made.score.visible},
                     {"leak", made.score.leak},
                     {"distance", made.score.distance},
                     {"passed", made.score.passed},
                     {"reason", made.score.reason}}},
                   {"dropped", made.dropped}};
    write(made, good, (made.dropped ? std::filesystem::path("dropped") : std::filesystem::path()) / stem,
          record);
    return record;
  }

 private:
  /// The shot that the mask was made from.
  anomaly::Donor donor_of(const std::string& type, const Json& origin) const {
    const auto& names = names_.at(type);
    const auto found = std::find(names.begin(), names.end(), origin.value("shot", ""));
    if (found == names.end()) return {};
    const auto index = found - names.begin();
    return {&shots_.at(type)[static_cast<size_t>(index)], index, anomaly::Pose::of(origin)};
  }

  void write(const anomaly::CheckedPair& made, const Image& good, const std::filesystem::path& stem,
             Json& record) const {
    make_folders((folder_ / stem).parent_path());
    const auto named = [&](const char* suffix) { return stem.generic_u8string() + suffix; };
    record["image"] = named(".image.png");
    record["mask"] = named(".mask.png");
    write_png(folder_ / std::filesystem::u8path(named(".image.png")), made.pair.image, marks(record));
    write_png(folder_ / std::filesystem::u8path(named(".mask.png")), made.pair.mask);
    if (step_.difference) {
      write_png(folder_ / std::filesystem::u8path(named(".difference.png")),
                difference_of(good, made.pair.image), marks(record));
    }
    write_json(folder_ / std::filesystem::u8path(named(".json")), record);
  }

  const Workspace& workspace_;
  const GenerateStep& step_;
  std::filesystem::path folder_;
  anomaly::Embeddings embeddings_;
  std::vector<ldm::CompactModel> models_;
  std::map<std::string, anomaly::Standard> standards_;
  std::map<std::string, std::vector<anomaly::Shot>> shots_;
  std::map<std::string, std::vector<std::string>> names_;  // of the shots' masks, in the same order
  std::string model_hash_, embeddings_hash_;
};

Json summary(const std::vector<Json>& records, const std::vector<std::string>& types) {
  Json all = {{"types", Json::array()}, {"pairs", Json::array()}, {"dropped", Json::array()}};
  for (const auto& type : types) {
    int asked = 0, made = 0, retried = 0, dropped = 0;
    for (const auto& record : records) {
      if (record["type"] != type) continue;
      asked++;
      const bool lost = record["dropped"].get<bool>();
      lost ? dropped++ : made++;
      if (record["attempts"].get<int>() > 1) retried++;
      all[lost ? "dropped" : "pairs"].push_back(record);
    }
    all["types"].push_back(
        {{"type", type}, {"asked", asked}, {"made", made}, {"retried", retried}, {"dropped", dropped}});
  }
  return all;
}

}  // namespace

void GenerateStep::check() const {
  options.check();
  if (attempts < 1 || attempts > 100) throw Error("--attempts: between 1 and 100");
}

void generate_step(const Workspace& workspace, const GenerateStep& step, Observer& observer) {
  step.check();
  const auto masks_file = workspace.step("masks") / "masks.json";
  const Json inputs = {
      {"masks", hash_of_result(masks_file, "masks")},
      {"embeddings", hash_of_result(workspace.step("learn") / "embeddings.safetensors", "learn")},
      {"model", hash_of_model(base_of(workspace))}};
  RunFolder run(workspace.step("pairs"), "generate", describe(step, workspace.seed), inputs);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto masks = read_list(masks_file, "masks");
  WorkerPool pool(workspace.workers);
  const Maker maker(workspace, step, run.path(), pool.size());
  std::vector<int64_t> numbers;  // within the type
  std::map<std::string, int64_t> count;
  for (const auto& mask : masks) numbers.push_back(++count[mask["type"].get<std::string>()]);
  std::vector<Json> records(masks.size());
  std::mutex mutex;
  int64_t done = 0;
  pool.run(static_cast<int64_t>(masks.size()), [&](int worker, int64_t i) {
    if (journal.wants_stop()) throw Interrupted();
    records[i] = maker.make(worker, masks[i], numbers[i]);
    const std::lock_guard lock(mutex);
    journal.progressed("generate", ++done, static_cast<int64_t>(masks.size()), records[i]["type"]);
  });
  std::vector<std::string> types;
  for (const auto& [type, n] : count) types.push_back(type);
  const auto all = summary(records, types);
  if (all["pairs"].empty()) {
    throw Error("generate: no pair passed its checks (" + records[0]["scores"]["reason"].get<std::string>() +
                "); look at pairs/dropped, then try --learn-steps, --adapt or --strength");
  }
  write_json(run.path() / "pairs.json", all);
  run.finish({{"pairs", all["pairs"].size()}, {"dropped", all["dropped"].size()}});
}

}  // namespace kizu::pipeline
