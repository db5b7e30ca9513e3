#include "anomaly/concept_learning.h"

#include <set>

#include "anomaly/augmentation.h"
#include "anomaly/inversion_run.h"
#include "anomaly/token_splice.h"
#include "core/error.h"
#include "ldm/tokenizer.h"
#include "tensor/reference_input.h"

namespace kizu::anomaly {
namespace {

constexpr int64_t kAugmentedSide = 512;  // what the augmentation works at

/// A shot as the batches take it: 8 bits, to hold hundreds in memory.
struct Prepared {
  std::string name;
  torch::Tensor image;  // uint8 [3, S, S]
  torch::Tensor mask;   // uint8 [1, S, S], 0 or 1
};

std::vector<Prepared> prepare(const std::vector<ConceptShot>& shots, const ConceptLearningOptions& options) {
  const auto side = static_cast<int>(options.preset.augment ? kAugmentedSide : options.side);
  std::vector<Prepared> all;
  for (const auto& shot : shots) {
    const auto image = diffusion_photo(shot.image, side);
    all.push_back({shot.concept_name, ((image + 1) * 127.5).round().to(torch::kUInt8),
                   diffusion_mask(shot.mask, side).to(torch::kUInt8)});
  }
  return all;
}

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
  return base.text->embed(torch::tensor({{id}}, torch::kInt64))[0][0].to(torch::kFloat32);
}

/// Running mean and variance of the batch norms.
NamedTensors statistics_of(const torch::nn::Module& module) {
  NamedTensors buffers;
  for (const auto& item : module.named_buffers()) buffers["spatial." + item.key()] = item.value();
  return buffers;
}

torch::Device device_of(ldm::LatentDiffusion& base) {
  return base.unet->parameters().front().device();
}

/// What all batches draw alike, for given latents: captions, time steps and noise.
void draw_rest(InversionBatch& batch, ldm::LatentDiffusion& base, const Preset& preset, NoiseStream& random) {
  const int64_t rows = batch.z_0.size(0);
  const auto device = batch.z_0.device();
  batch.ids = draw_captions(base.text->config(), preset.caption, rows, random);
  std::vector<int64_t> t;
  for (int64_t i = 0; i < rows; i++) t.push_back(random.below(base.config.timesteps));
  batch.t = torch::tensor(t, torch::kInt64).to(device);
  batch.eps = random.normal(batch.z_0.sizes()).to(device);
}

/// Scaled latents of pictures [B, 3, H, W]: a sample of the posterior or its mean.
torch::Tensor latents(ldm::LatentDiffusion& base, const torch::Tensor& pictures, const Preset& preset,
                      NoiseStream& random) {
  const torch::NoGradGuard no_grad;
  const auto& config = base.config.autoencoder;
  auto noise = random.normal({pictures.size(0), config.embed_dim, pictures.size(2) / config.factor(),
                              pictures.size(3) / config.factor()});
  if (preset.posterior_mode) noise.zero_();
  const auto device = device_of(base);
  return base.encode(pictures.to(device), noise.to(device)).to(torch::kFloat32);
}

InversionBatch anomaly_batch(ldm::LatentDiffusion& base, const std::vector<Prepared>& shots,
                             const ConceptLearningOptions& options, NoiseStream random) {
  InversionBatch batch;
  std::vector<torch::Tensor> images, masks;
  for (int64_t i = 0; i < options.preset.batch; i++) {
    const auto& shot = shots[static_cast<size_t>(random.below(static_cast<int64_t>(shots.size())))];
    batch.names.push_back(shot.name);
    images.push_back(shot.image.to(torch::kFloat32) / 127.5 - 1);
    masks.push_back(shot.mask.to(torch::kFloat32));
  }
  const bool change = options.preset.augment && random.chance(0.5);
  const auto pair = change ? augment_as_published(torch::stack(images), torch::stack(masks), options.side,
                                                  draws_from(random))
                           : resized_pair(torch::stack(images), torch::stack(masks), options.side);
  const auto mask = options.preset.soft_masks ? pair.masks : (pair.masks >= 0.5).to(torch::kFloat32);
  batch.mask = mask.to(device_of(base));
  batch.z_0 = latents(base, pair.images, options.preset, random);
  draw_rest(batch, base, options.preset, random);
  return batch;
}

InversionBatch mask_batch(ldm::LatentDiffusion& base, const std::vector<torch::Tensor>& pictures,
                          const std::string& name, const ConceptLearningOptions& options,
                          NoiseStream random) {
  InversionBatch batch;
  std::vector<torch::Tensor> chosen;
  for (int64_t i = 0; i < options.preset.batch; i++)
    chosen.push_back(pictures[static_cast<size_t>(random.below(static_cast<int64_t>(pictures.size())))]);
  batch.names.assign(chosen.size(), name);
  batch.z_0 = latents(base, torch::stack(chosen), options.preset, random);
  draw_rest(batch, base, options.preset, random);
  return batch;
}

}  // namespace

void ConceptLearningOptions::check() const {
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) throw Error(message);
  };
  require(preset.batch >= 1 && preset.batch <= 256, "--learn-batch: between 1 and 256");
  require(preset.steps >= 1 && preset.mask_steps >= 1, "--learn-steps: at least 1");
  require(side >= 16 && side <= 1024, "side: between 16 and 1024");
  require(rows_at_once >= 0, "rows at once: not negative");
  require(save_every >= 1, "save every: at least 1 step");
}

LearnedConcepts learn_anomalies(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                                const LearnedConcepts& known, const ConceptLearningOptions& options,
                                const std::filesystem::path& folder, Observer& observer) {
  options.check();
  const auto names = names_of(shots);
  check_new(names, known.anomalies);
  const auto device = device_of(base);
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
  TextualInversion training(base, concepts, inversion, {});
  InversionRun run{training, "learn", folder / "learn.checkpoint.safetensors", statistics_of(*encoder)};
  run.steps = options.preset.steps;
  run.learning_rate = options.preset.effective_learning_rate();
  run.save_every = options.save_every;
  const auto prepared = prepare(shots, options);
  run.batch = [&](int64_t step) {
    return anomaly_batch(base, prepared, options, NoiseStream(mix(options.seed, "anomalies", step)));
  };
  run.carry_out(observer);

  for (const auto& name : names)
    result.anomalies[name] = concepts.embedding(name).detach().to(torch::kCPU).clone();
  if (!frozen)
    for (const auto& [name, value] : state_of(*encoder)) result.spatial[name] = value.to(torch::kCPU).clone();
  result.metadata["preset"] = options.preset.name;
  return result;
}

LearnedConcepts learn_masks(ldm::LatentDiffusion& base, const std::vector<ConceptShot>& shots,
                            const LearnedConcepts& known, const ConceptLearningOptions& options,
                            const std::filesystem::path& folder, Observer& observer) {
  options.check();
  const auto names = names_of(shots);
  check_new(names, known.masks);
  const auto device = device_of(base);
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
    AdamOptions adam;
    adam.weight_decay = 0.01;
    TextualInversion training(base, concepts, inversion, adam);
    InversionRun run{training, "learn masks of " + name,
                     folder / ("masks-" + std::to_string(result.masks.size()) + ".checkpoint.safetensors")};
    run.steps = options.preset.mask_steps;
    run.learning_rate = options.preset.effective_learning_rate();
    run.save_every = options.save_every;
    run.batch = [&](int64_t step) {
      return mask_batch(base, pictures, name, options, NoiseStream(mix(seed, "masks", step)));
    };
    run.carry_out(observer);
    result.masks[name] = concepts.embedding(name).detach().to(torch::kCPU).clone();
  }
  result.metadata["preset"] = options.preset.name;
  return result;
}

}  // namespace kizu::anomaly
