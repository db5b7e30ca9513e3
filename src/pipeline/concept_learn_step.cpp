#include "anomaly/saved_pair.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "image/codec.h"
#include "pipeline/concept_memory.h"
#include "pipeline/known_concepts.h"

namespace kizu::pipeline {
namespace {

/// The shots of all products, with the first test photo of each type if `one_too_many`, without the concepts
/// that are `known`.
std::vector<anomaly::ConceptShot> concept_shots(const std::vector<Workspace>& products, bool one_too_many,
                                                const std::map<std::string, torch::Tensor>& known) {
  std::vector<anomaly::ConceptShot> shots;
  for (const auto& product : products) {
    const auto split = product.split();
    for (const auto& type : split.types()) {
      const auto name = concept_name(product.category, type);
      if (known.count(name) != 0) continue;
      auto photos = split.shots(type);
      const auto test = split.test(type);
      if (one_too_many && !test.empty()) photos.push_back(test.front());
      for (const auto& photo : photos)
        shots.push_back({name, read_image(product.data / std::filesystem::u8path(photo.image)),
                         anomaly::picture_of(read_mask(product.data / std::filesystem::u8path(photo.mask)))});
    }
  }
  return shots;
}

Json inputs_of(const std::vector<Workspace>& products, const ConceptStep& step,
               const std::string& model_hash) {
  Json inputs = {{"model", model_hash}, {"splits", Json::object()}};
  for (const auto& product : products)
    inputs["splits"][product.category] = hash_of_result(product.step("split") / "split.json", "split");
  if (!step.add_to.empty()) inputs["add_to"] = hash_of_result(step.add_to, "learn");
  return inputs;
}

std::set<std::string> names_in_splits(const std::vector<Workspace>& products) {
  std::set<std::string> names;
  for (const auto& product : products)
    for (const auto& type : product.split().types()) names.insert(concept_name(product.category, type));
  return names;
}

/// Adds to `concepts` what the products' types lack.
void learn_missing(const std::vector<Workspace>& products, const ConceptStep& step,
                   anomaly::LearnedConcepts& concepts, const std::filesystem::path& folder,
                   Observer& observer) {
  const auto& first = products.front();
  anomaly::ConceptLearningOptions options;
  options.preset = step.preset;
  options.rows_at_once = step.rows_at_once;
  options.workers = first.workers;
  options.seed = first.seed;
  auto base = ldm::LatentDiffusion::load(first.model, step.load);
  options.side = concepts.spatial.empty() ? ldm::native_side(base.config) : concepts.spatial_config.side;
  const auto shots = concept_shots(products, step.preset.one_shot_too_many, concepts.anomalies);
  if (!shots.empty()) concepts = anomaly::learn_anomalies(base, shots, concepts, options, folder, observer);
  // The mask model has the right third even where the anomaly model has one shot too many.
  const auto mask_shots = concept_shots(products, false, concepts.masks);
  if (step.preset.learned_masks && !mask_shots.empty())
    concepts = anomaly::learn_masks(base, mask_shots, concepts, options, folder, observer);
}

void remove_checkpoints(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().string().find(".checkpoint.safetensors") != std::string::npos)
      files.push_back(entry.path());
  for (const auto& file : files) std::filesystem::remove(file);
}

}  // namespace

void learn_concepts_step(const std::vector<Workspace>& products, const ConceptStep& asked,
                         Observer& observer) {
  const auto& first = products.front();
  const auto config = ldm::read_config(first.model);
  asked.check_for(first.model);
  const auto step = asked.on(first.model);
  const auto model_hash = hash_of_model(first.model);
  auto concepts = known_concepts(step, first.model);
  concepts.metadata["base"] = model_hash;
  const bool learns = lacks_any(concepts, names_in_splits(products), step.preset);
  const auto enough_memory = [&] {
    if (learns)
      require_memory(learning_memory(config, step, first.workers), step, anomaly::kLearning, first.workers);
  };
  RunFolder run(first.step("learn"), "learn", describe(step, anomaly::kLearning, first.seed),
                inputs_of(products, step, model_hash), enough_memory);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  if (learns)
    on_device(step, anomaly::kLearning,
              [&] { learn_missing(products, step, concepts, run.path(), journal); });
  else
    journal.said("learn: " + step.add_to.string() + " knows every defect type already");
  concepts.write(run.path() / "concepts.safetensors");
  remove_checkpoints(run.path());
  run.finish({{"concepts", "concepts.safetensors"},
              {"preset", step.preset.name},
              {"anomalies", concepts.anomalies.size()},
              {"masks", concepts.masks.size()}});
}

}  // namespace kizu::pipeline
