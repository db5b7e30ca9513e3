#include "pipeline/pair_maker.h"

#include <algorithm>
#include <array>

#include "anomaly/severity.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/utf8.h"
#include "image/codec.h"
#include "pipeline/adapt.h"
#include "pipeline/synthetic_marks.h"
#include "tensor/noise.h"

namespace kizu::pipeline {
namespace {

constexpr int kTrials = 12;  // masks of each type; medians of fewer are loose

Image difference_of(const Image& good, const Image& made) {
  Image difference = good;
  const int middle = (good.max_value() + 1) / 2;
  for (size_t i = 0; i < good.values.size(); i++) {
    difference.values[i] = static_cast<uint16_t>(
        std::clamp(middle + (made.values[i] - good.values[i]) / 2, 0, good.max_value()));
  }
  return difference;
}

}  // namespace

MadePair paint_until_clear(const Json& mask, uint64_t seed,
                           const std::function<MadePair(const Json& mask, uint64_t seed)>& paint) {
  auto painted = paint(mask, seed);
  const Json spares = mask.value("spares", Json::array());
  for (size_t i = 0; i < spares.size() && painted.made.score.lost; i++) {
    const int before = painted.made.attempts;
    painted = paint(spares[i], mix(seed, "spare", i));
    painted.made.attempts += before;
  }
  return painted;
}

Json PairMaker::describe(const GenerateStep& step, uint64_t seed) {
  const auto& o = step.options;
  return {{"sampler", diffusion::name_of(o.solver)},
          {"steps", o.steps},
          {"eta", o.eta},
          {"guidance", o.guidance},
          {"reweighting", anomaly::name_of(o.reweighting)},
          {"strength", o.strength},
          {"severity", o.severity},
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

PairMaker::PairMaker(const Workspace& workspace, const GenerateStep& step, const Json& inputs,
                     const std::filesystem::path& folder, int workers)
    : workspace_(workspace),
      step_(step),
      folder_(folder),
      embeddings_(anomaly::Embeddings::read(workspace.step("learn") / "embeddings.safetensors")),
      model_hash_(inputs["model"].get<std::string>()),
      embeddings_hash_(inputs["embeddings"].get<std::string>()) {
  auto model = ldm::CompactModel::load(base_of(workspace));
  embeddings_.tune(model);
  models_.push_back(model);
  while (static_cast<int>(models_.size()) < workers) models_.push_back(model.replica());
  for (const auto& each : models_) each.train(false);
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
Json PairMaker::make(int worker, const Json& mask, int64_t number) const {
  const torch::NoGradGuard no_grad;
  const auto type = mask["type"].get<std::string>();
  const auto stem = std::filesystem::u8path(file_name_of(type)) / number_text(number);
  for (const auto& place : {folder_ / stem, folder_ / "dropped" / stem}) {
    auto record = place;
    if (std::filesystem::exists(record += ".json")) return read_json(record);
  }
  const auto [made, good, used] =
      paint_until_clear(mask, mix(workspace_.seed, "pair " + type, number),
                        [&](const Json& place, uint64_t seed) { return paint(worker, place, seed); });
  Json windows = Json::array();
  for (const auto& w : made.pair.windows)
    windows.push_back({{"x", w.x}, {"y", w.y}, {"side", w.side}, {"canvas", w.canvas}});
  Json record = {{"type", type},
                 {"seed", made.pair.seed},
                 {"attempts", made.attempts},
                 {"redrawn", made.pair.redrawn},
                 {"severity", severity_of(type)},
                 {"source", {{"file", used["photo"]}, {"sha256", used["photo_sha256"]}}},
                 {"mask_origin", used.value("origin", Json::object())},
                 {"model_sha256", model_hash_},
                 {"embeddings_sha256", embeddings_hash_},
                 {"options", describe(step_, workspace_.seed)},
                 {"windows", windows},
                 {"window", windows[0]},
                 {"scores",
                  {{"visible", made.score.visible},
                   {"clarity", made.score.clarity},
                   {"leak", made.score.leak},
                   {"distance", made.score.distance},
                   {"passed", made.score.passed},
                   {"lost", made.score.lost},
                   {"reason", made.score.reason}}},
                 {"dropped", made.dropped}};
  write(made, good, (made.dropped ? std::filesystem::path("dropped") : std::filesystem::path()) / stem,
        record);
  return record;
}

MadePair PairMaker::paint(int worker, const Json& mask, uint64_t seed) const {
  const auto [type, good, where] = scene_of(mask);
  return {anomaly::generate_checked(models_[worker], embeddings_.of(type), good, where, seed,
                                    options_for(type, where), standards_.at(type), step_.attempts,
                                    donor_of(type, mask)),
          good, mask};
}

PairMaker::Scene PairMaker::scene_of(const Json& mask) const {
  return {mask["type"].get<std::string>(),
          read_image(workspace_.data / std::filesystem::u8path(mask["photo"].get<std::string>())),
          read_mask(workspace_.step("masks") / std::filesystem::u8path(mask["file"].get<std::string>()))};
}

double PairMaker::trial(int worker, const Json& mask, int64_t index, const anomaly::Start& start) const {
  const torch::NoGradGuard no_grad;
  const auto [type, good, where] = scene_of(mask);
  const auto pair = anomaly::generate_pair(models_[worker], embeddings_.of(type), good, where,
                                           mix(workspace_.seed, "trial " + type, index), with(start, type),
                                           donor_of(type, mask));
  return standards_.at(type).distance(anomaly::appearance_of(pair.image, pair.mask));
}

anomaly::GenerateOptions PairMaker::options_for(const std::string& type, const Mask& where) const {
  if (step_.options.from_shots != anomaly::kByTrial)
    return with({step_.options.from_shots, step_.options.redraw}, type);
  const auto tried = trials_.find(type);
  if (tried == trials_.end()) return with(anomaly::StartTrial::untried(), type);
  return with(tried->second.choice(anomaly::window_cover(where, step_.options.window)), type);
}

anomaly::GenerateOptions PairMaker::with(const anomaly::Start& start, const std::string& type) const {
  auto options = step_.options;
  options.from_shots = start.from_shots;
  options.redraw = start.redraw;
  options.severity = severity_of(type);
  // Of a part of the product that is replaced nothing may shine through.
  if (structural_.count(type)) options.spread = 0;
  return options;
}

double PairMaker::severity_of(const std::string& type) const {
  if (step_.options.severity != anomaly::kByType) return step_.options.severity;
  const auto found = severities_.find(type);
  return found == severities_.end() ? 1 : found->second;
}

void PairMaker::weigh(const std::vector<Json>& masks, const std::string& type) {
  std::vector<const Json*> of_type;
  for (const auto& mask : masks) {
    if (mask["type"] != type) continue;
    of_type.push_back(&mask);
    if (mask.value("origin", Json::object()).value("in_place", false)) structural_.insert(type);
  }
  if (structural_.count(type) || step_.options.severity != anomaly::kByType) return;
  std::vector<double> of_shots, of_good;
  for (const auto& shot : shots_.at(type))
    of_shots.push_back(anomaly::appearance_of(shot.image, shot.mask)[0]);
  if (of_type.size() > kTrials) of_type.resize(kTrials);
  for (const auto* mask : of_type) {
    const auto scene = scene_of(*mask);
    of_good.push_back(anomaly::appearance_of(scene.good, scene.mask)[0]);
  }
  severities_[type] = anomaly::severity(of_shots, of_good);
}

void PairMaker::try_starts(const std::vector<Json>& masks, const std::string& type, WorkerPool& pool,
                           Observer& observer) {
  if (step_.options.from_shots != anomaly::kByTrial) return;
  using anomaly::StartTrial;
  constexpr std::array<anomaly::Start, 3> kStarts{{{0, 0}, {1, StartTrial::kHalf}, {1, StartTrial::kLittle}}};
  std::vector<std::pair<int64_t, const Json*>> tried;  // with their number among those of all types
  std::map<std::string, int> count;
  int64_t number = 0;
  for (const auto& mask : masks) {
    const auto of = mask["type"].get<std::string>();
    if (count[of]++ >= kTrials) continue;
    if (of == type) tried.emplace_back(number, &mask);
    number++;
  }
  const auto starts = static_cast<int64_t>(kStarts.size());
  std::vector<std::array<double, 3>> distances(tried.size());
  pool.run(static_cast<int64_t>(tried.size()) * starts, [&](int worker, int64_t i) {
    if (observer.wants_stop()) throw Interrupted();
    const auto& [index, mask] = tried[i / starts];
    distances[i / starts][i % starts] = trial(worker, *mask, index, kStarts[i % starts]);
  });
  auto& of_type = trials_[type];
  for (const auto& [from_noise, half_redrawn, little_redrawn] : distances) {
    of_type.from_noise.push_back(from_noise);
    of_type.half_redrawn.push_back(half_redrawn);
    of_type.little_redrawn.push_back(little_redrawn);
  }
}

Json PairMaker::start_of(const std::string& type) const {
  const auto found = trials_.find(type);
  return found == trials_.end() ? Json() : found->second.describe();
}

/// The shot that the mask was made from.
anomaly::Donor PairMaker::donor_of(const std::string& type, const Json& mask) const {
  const Json origin = mask.value("origin", Json::object());
  const auto& names = names_.at(type);
  const auto found = std::find(names.begin(), names.end(), origin.value("shot", ""));
  if (found == names.end()) return {};
  const auto index = found - names.begin();
  return {&shots_.at(type)[static_cast<size_t>(index)], index, anomaly::Pose::of(origin)};
}

void PairMaker::write(const anomaly::CheckedPair& made, const Image& good, const std::filesystem::path& stem,
                      Json& record) const {
  make_folders((folder_ / stem).parent_path());
  const auto named = [&](const char* suffix) { return generic_utf8(stem) + suffix; };
  const auto marks = synthetic_marks(record["type"], made.pair.seed);
  record["image"] = named(".image.png");
  record["mask"] = named(".mask.png");
  write_png(folder_ / std::filesystem::u8path(named(".image.png")), made.pair.image, marks);
  write_png(folder_ / std::filesystem::u8path(named(".mask.png")), made.pair.mask);
  if (step_.difference) {
    write_png(folder_ / std::filesystem::u8path(named(".difference.png")),
              difference_of(good, made.pair.image), marks);
  }
  write_json(folder_ / std::filesystem::u8path(named(".json")), record);
}

}  // namespace kizu::pipeline
