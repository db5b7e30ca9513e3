#include "anomaly/concept_learning.h"

#include <set>

#include "anomaly/inversion_run.h"
#include "anomaly/token_splice.h"
#include "core/error.h"
#include "core/json.h"
#include "ldm/tokenizer.h"
#include "ldm/without_weights.h"
#include "tensor/reference_input.h"

namespace kizu::anomaly {
namespace {

std::set<std::string> names_of(const std::vector<ConceptShot>& shots) {
  std::set<std::string> names;
  for (const auto& shot : shots) names.insert(shot.concept_name);
  return names;
}

void check_new(const std::set<std::string>& names, const std::map<std::string, torch::Tensor>& known) {
  if (names.empty()) throw Error("there are no shots to learn from");
  for (const auto& name : names)
    if (known.count(name) != 0)
      throw Error("'" + name + "' has been learned already; leave it out or start with new concepts");
}

/// Ids of the one-piece words that embeddings start from, in bert-base-uncased.
constexpr int64_t kAnomalyWord = 28685, kCrackWord = 8579;

/// The token embedding to start from. Other vocabularies than BERT's start from that of "*".
torch::Tensor start_vector(ldm::LatentDiffusion& base, int64_t word) {
  const torch::NoGradGuard no_grad;
  const auto family = base.text->config().family;
  const auto id = family == ldm::BaseFamily::kLdmBert ? word : ldm::placeholder_id(family);
  const auto ids = torch::tensor({{id}}, torch::kInt64).to(base.device());
  return base.text->embed(ids)[0][0].to(torch::kFloat32);
}

/// Running mean and variance of the batch norms.
NamedTensors statistics_of(const torch::nn::Module& module) {
  NamedTensors buffers;
  for (const auto& item : module.named_buffers()) buffers["spatial." + item.key()] = item.value();
  return buffers;
}

/// Means of the loss over a hundredth of the steps each, for the report.
void write_curve(const std::filesystem::path& file, const torch::Tensor& losses) {
  const int64_t count = losses.size(0), stride = (count + 99) / 100;
  Json steps = Json::array(), means = Json::array();
  for (int64_t from = 0; from < count; from += stride) {
    const int64_t to = std::min(count, from + stride);
    steps.push_back(to);
    means.push_back(losses.slice(0, from, to).mean().item<double>());
  }
  write_json(file, {{"steps", steps}, {"loss", means}});
}

}  // namespace

LearnedConcepts learn_anomalies(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                                const LearnedConcepts& known, const ConceptLearningOptions& options,
                                const std::filesystem::path& folder, Observer& observer) {
  options.check();
  const auto names = names_of(shots);
  check_new(names, known.anomalies);
  const auto device = base.device();
  const int64_t width = base.text->config().width;
  const bool frozen = !known.spatial.empty();
  LearnedConcepts result = known;
  if (!frozen) {
    result.spatial_config = options.preset.spatial_encoder(width);
    result.spatial_config.side = options.side;
  }
  auto encoder = frozen ? known.spatial_encoder() : GradualStyleEncoder(result.spatial_config);
  if (!frozen) encoder->draw_weights(mix(options.seed, "spatial encoder"));
  encoder->to(device);

  Concepts concepts;
  for (const auto& [name, embedding] : known.anomalies) concepts.embeddings[name] = embedding.to(device);
  const auto start = start_vector(base, kAnomalyWord);
  for (const auto& name : names)
    concepts.embeddings[name] =
        repeated_token(start, options.preset.anomaly_tokens).to(device).requires_grad_(true);
  // Frozen, it must give what it gives when it generates.
  concepts.spatial = spatial_tokens(encoder, !frozen || options.preset.spatial_training_mode);
  if (!frozen) concepts.shared = trainables(*encoder, "spatial.");

  auto inversion = options.preset.inversion();
  inversion.rows_at_once = options.rows_at_once;
  inversion.workers = options.workers;
  TextualInversion training(base, concepts, inversion, {});
  InversionRun run{training, "learn", folder / "learn.checkpoint.safetensors", statistics_of(*encoder)};
  run.steps = options.preset.steps;
  run.learning_rate = options.preset.effective_learning_rate();
  run.save_every = options.save_every;
  const auto prepared = prepare(shots, options);
  KnownMoments moments;
  run.batch = [&](int64_t step) {
    return anomaly_batch(base, prepared, options, NoiseStream(mix(options.seed, "anomalies", step)),
                         training.pool(), moments);
  };
  write_curve(folder / "curve.json", run.carry_out(observer));

  for (const auto& name : names)
    result.anomalies[name] = concepts.embedding(name).detach().to(torch::kCPU).clone();
  if (!frozen)
    for (const auto& [name, value] : state_of(*encoder)) result.spatial[name] = value.to(torch::kCPU).clone();
  result.metadata["preset"] = options.preset.name;
  return result;
}

uint64_t encoder_bytes(const SpatialEncoderConfig& config, int64_t batch) {
  const ldm::WithoutWeights scope;
  int64_t parameters = 0;
  for (const auto& each : GradualStyleEncoder(config)->parameters()) parameters += each.numel();
  // The input layer and the first unit work at full size; a unit keeps about six maps.
  int64_t maps = 8 * config.channels[0] * config.side * config.side;
  for (size_t i = 0; i < config.units.size(); i++) {
    const int64_t side = config.side >> (i + 1);
    maps += 6 * config.units[i] * config.channels[i] * side * side;
  }
  return sizeof(float) * static_cast<uint64_t>(4 * parameters + batch * maps);
}

LearnedConcepts learn_masks(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                            const LearnedConcepts& known, const ConceptLearningOptions& options,
                            const std::filesystem::path& folder, Observer& observer) {
  options.check();
  const auto names = names_of(shots);
  check_new(names, known.masks);
  const auto device = base.device();
  LearnedConcepts result = known;
  for (const auto& name : names) {
    std::vector<torch::Tensor> pictures;
    for (const auto& shot : shots)
      if (shot.concept_name == name)
        pictures.push_back(diffusion_photo(shot.mask, static_cast<int>(options.side)));
    const uint64_t seed = mix(options.seed, "mask " + name);
    auto start = repeated_token(start_vector(base, kCrackWord), options.preset.mask_tokens);
    if (options.preset.random_mask_start)
      start = NoiseStream(mix(seed, "start")).normal(start.sizes()) * start.std().item<float>();
    Concepts concepts;
    concepts.embeddings[name] = start.to(device).requires_grad_(true);
    InversionOptions inversion;
    inversion.rows_at_once = options.rows_at_once;
    inversion.workers = options.workers;
    AdamOptions adam;
    adam.weight_decay = 0.01;
    TextualInversion training(base, concepts, inversion, adam);
    InversionRun run{training, "learn masks of " + name,
                     folder / ("masks-" + std::to_string(result.masks.size()) + ".checkpoint.safetensors")};
    run.steps = options.preset.mask_steps;
    run.learning_rate = options.preset.effective_learning_rate();
    run.save_every = options.save_every;
    KnownMoments moments;
    run.batch = [&](int64_t step) {
      return mask_batch(base, pictures, name, options, NoiseStream(mix(seed, "masks", step)), training.pool(),
                        moments);
    };
    run.carry_out(observer);
    result.masks[name] = concepts.embedding(name).detach().to(torch::kCPU).clone();
  }
  result.metadata["preset"] = options.preset.name;
  return result;
}

}  // namespace kizu::anomaly
