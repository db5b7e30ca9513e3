#include "pipeline/concept_steps.h"

#include "anomaly/concept_generation.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "image/codec.h"
#include "tensor/noise.h"

namespace kizu::pipeline {
namespace {

constexpr const char* kConcepts = "concepts.safetensors";

Json describe(const ConceptStep& step, uint64_t seed) {
  Json switches;
  for (const auto& row : anomaly::switches()) switches[row.name] = row.value(step.preset);
  return {
      {"preset", step.preset.name}, {"switches", switches}, {"pairs", step.pairs_per_type()}, {"seed", seed}};
}

Image picture_of(const Mask& mask) {
  Image picture = Image::blank(mask.width, mask.height, 1);
  for (size_t i = 0; i < mask.values.size(); i++) picture.values[i] = mask.values[i] ? 255 : 0;
  return picture;
}

anomaly::LearnedConcepts read_concepts(const Workspace& workspace, const ldm::LatentDiffusionConfig& base) {
  auto concepts = anomaly::LearnedConcepts::read(workspace.step("learn") / kConcepts);
  concepts.check_fits(base.text.width, hash_of_model(workspace.model));
  return concepts;
}

// What is written into every picture, so that nobody takes it for a photo.
std::map<std::string, std::string> marks(const std::string& type, uint64_t seed) {
  return {{"Source", "Synthetic: painted by kizu onto a real photo (compositeWithTrainedAlgorithmicMedia)"},
          {"Software", "kizu"},
          {"Comment", "type " + type + ", seed " + std::to_string(seed)}};
}

// The request that an entry of masks.json stands for; `number` counts within the type.
anomaly::PaintRequest request_of(const Workspace& workspace, const Json& mask, int64_t number) {
  const auto type = mask["type"].get<std::string>();
  return {concept_name(workspace.category, type),
          read_image(workspace.data / std::filesystem::u8path(mask["photo"].get<std::string>())),
          picture_of(
              read_mask(workspace.step("masks") / std::filesystem::u8path(mask["file"].get<std::string>()))),
          mix(workspace.seed, "pair " + type, static_cast<uint64_t>(number))};
}

struct PaintBatch {
  std::vector<Json> masks;
  std::vector<int64_t> numbers;
};

// Batches of one type, in order: in training mode the spatial encoder sees them together.
std::vector<PaintBatch> batches_of(const Json& masks, int64_t rows) {
  std::map<std::string, int64_t> count;
  std::vector<PaintBatch> batches;
  for (const auto& mask : masks) {
    const auto type = mask["type"].get<std::string>();
    const bool fits = !batches.empty() && static_cast<int64_t>(batches.back().masks.size()) < rows &&
                      batches.back().masks.front()["type"] == type;
    if (!fits) batches.emplace_back();
    batches.back().masks.push_back(mask);
    batches.back().numbers.push_back(++count[type]);
  }
  return batches;
}

}  // namespace

void ConceptStep::check() const {
  if (pairs < 0 || pairs > 100000) throw Error("--pairs: between 1 and 100000");
  if (rows_at_once < 1 || rows_at_once > 64) throw Error("--rows: between 1 and 64");
}

std::string concept_name(const std::string& category, const std::string& type) {
  return category + "+" + type;
}

std::vector<anomaly::ConceptShot> concept_shots(const Workspace& workspace, const dataset::Split& split,
                                                bool one_too_many) {
  std::vector<anomaly::ConceptShot> shots;
  for (const auto& type : split.types()) {
    auto photos = split.shots(type);
    const auto test = split.test(type);
    if (one_too_many && !test.empty()) photos.push_back(test.front());
    for (const auto& photo : photos)
      shots.push_back({concept_name(workspace.category, type),
                       read_image(workspace.data / std::filesystem::u8path(photo.image)),
                       picture_of(read_mask(workspace.data / std::filesystem::u8path(photo.mask)))});
  }
  return shots;
}

void learn_concepts_step(const Workspace& workspace, const ConceptStep& step, Observer& observer) {
  step.check();
  const auto split = workspace.split();
  const auto model_hash = hash_of_model(workspace.model);
  Json inputs = {{"split", hash_of_result(workspace.step("split") / "split.json", "split")},
                 {"model", model_hash}};
  if (!step.add_to.empty()) inputs["add_to"] = hash_of_result(step.add_to, "learn");
  RunFolder run(workspace.step("learn"), "learn", describe(step, workspace.seed), inputs);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  auto base = ldm::LatentDiffusion::load(workspace.model);
  anomaly::LearnedConcepts known;
  if (!step.add_to.empty()) known = anomaly::LearnedConcepts::read(step.add_to);
  known.check_fits(base.config.text.width, model_hash);
  known.metadata["base"] = model_hash;
  anomaly::ConceptLearningOptions options;
  options.preset = step.preset;
  options.rows_at_once = step.rows_at_once;
  options.seed = workspace.seed;
  // The mask model has the right third even where the anomaly model has one shot too many.
  known = anomaly::learn_anomalies(base, concept_shots(workspace, split, step.preset.one_shot_too_many),
                                   known, options, run.path(), journal);
  known =
      anomaly::learn_masks(base, concept_shots(workspace, split, false), known, options, run.path(), journal);
  known.write(run.path() / kConcepts);
  for (const auto& entry : std::filesystem::directory_iterator(run.path()))
    if (entry.path().string().find(".checkpoint.safetensors") != std::string::npos)
      std::filesystem::remove(entry.path());
  run.finish({{"concepts", kConcepts}, {"anomalies", known.anomalies.size()}});
}

void concept_masks_step(const Workspace& workspace, const ConceptStep& step, Observer& observer) {
  step.check();
  const auto split = workspace.split();
  const auto good = split.good_train();
  if (good.empty())
    throw Error(workspace.data.string() + ": no good photo is left to paint on; add good photos");
  RunFolder run(workspace.step("masks"), "masks", describe(step, workspace.seed),
                {{"concepts", hash_of_result(workspace.step("learn") / kConcepts, "learn")}});
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  auto base = ldm::LatentDiffusion::load(workspace.model);
  const auto concepts = read_concepts(workspace, base.config);
  Json masks = Json::array();
  for (const auto& type : split.types()) {
    const auto name = concept_name(workspace.category, type);
    const auto made =
        anomaly::generate_masks(base, concepts, name, step.pairs_per_type(), concepts.spatial_config.side,
                                workspace.seed, step.preset, journal);
    for (size_t i = 0; i < made.size(); i++) {
      const auto number = static_cast<int64_t>(i) + 1;
      const uint64_t seed = mix(workspace.seed, "mask " + type, i);
      const auto& photo =
          good[static_cast<size_t>(NoiseStream(mix(seed, "photo")).below(static_cast<int64_t>(good.size())))];
      const auto stem = std::filesystem::u8path(file_name_of(type)) / number_text(number);
      make_folders((run.path() / stem).parent_path());
      const auto file = anomaly::write_mask(run.path() / stem, made[i], step.preset);
      masks.push_back({{"type", type},
                       {"file", file.lexically_relative(run.path()).generic_u8string()},
                       {"photo", photo.image},
                       {"photo_sha256", photo.image_sha256},
                       {"origin", "mask embedding"},
                       {"seed", seed}});
    }
  }
  write_json(run.path() / "masks.json", {{"masks", masks}});
  run.finish({{"masks", masks.size()}});
}

void paint_step(const Workspace& workspace, const ConceptStep& step, Observer& observer) {
  step.check();
  const auto masks_file = workspace.step("masks") / "masks.json";
  RunFolder run(workspace.step("pairs"), "generate", describe(step, workspace.seed),
                {{"masks", hash_of_result(masks_file, "masks")},
                 {"concepts", hash_of_result(workspace.step("learn") / kConcepts, "learn")}});
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  auto base = ldm::LatentDiffusion::load(workspace.model);
  const auto concepts = read_concepts(workspace, base.config);
  const auto batches = batches_of(read_list(masks_file, "masks"), step.rows_at_once);
  std::vector<anomaly::PreparedPaints> prepared;
  {
    const auto encoder = concepts.spatial_encoder();
    for (const auto& batch : batches) {
      std::vector<anomaly::PaintRequest> requests;
      for (size_t i = 0; i < batch.masks.size(); i++)
        requests.push_back(request_of(workspace, batch.masks[i], batch.numbers[i]));
      prepared.push_back(anomaly::prepare_paints(base, concepts, encoder, requests, step.preset));
    }
    base.release_text();
  }
  Json all = {{"types", Json::array()}, {"pairs", Json::array()}, {"dropped", Json::array()}};
  std::map<std::string, int> made;
  for (size_t b = 0; b < batches.size(); b++) {
    if (journal.wants_stop()) throw Interrupted();
    std::vector<anomaly::PaintRequest> requests;
    for (size_t i = 0; i < batches[b].masks.size(); i++)
      requests.push_back(request_of(workspace, batches[b].masks[i], batches[b].numbers[i]));
    const auto pairs = anomaly::paint_pairs(base, prepared[b], requests, step.preset);
    for (size_t i = 0; i < pairs.size(); i++) {
      const auto& mask = batches[b].masks[i];
      const auto type = mask["type"].get<std::string>();
      const auto stem = std::filesystem::u8path(file_name_of(type)) / number_text(batches[b].numbers[i]);
      make_folders((run.path() / stem).parent_path());
      const auto named = [&](const char* suffix) {
        auto path = run.path() / stem;
        return path += suffix;
      };
      const auto image_file =
          anomaly::write_picture(named(".image"), pairs[i].image, step.preset, marks(type, pairs[i].seed));
      const auto mask_file = anomaly::write_mask(named(".mask"), pairs[i].mask, step.preset);
      const auto relative = [&](const std::filesystem::path& file) {
        return file.lexically_relative(run.path()).generic_u8string();
      };
      const Json record = {{"type", type},
                           {"seed", pairs[i].seed},
                           {"source", {{"file", mask["photo"]}, {"sha256", mask["photo_sha256"]}}},
                           {"mask_origin", mask["origin"]},
                           {"options", describe(step, workspace.seed)},
                           {"image", relative(image_file)},
                           {"mask", relative(mask_file)}};
      write_json(named(".json"), record);
      all["pairs"].push_back(record);
      made[type]++;
    }
    journal.progressed("generate", static_cast<int64_t>(b) + 1, static_cast<int64_t>(batches.size()), "");
  }
  for (const auto& [type, count] : made)
    all["types"].push_back(
        {{"type", type}, {"asked", count}, {"made", count}, {"retried", 0}, {"dropped", 0}});
  write_json(run.path() / "pairs.json", all);
  run.finish({{"pairs", all["pairs"].size()}, {"dropped", 0}});
}

}  // namespace kizu::pipeline
