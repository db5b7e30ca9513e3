#include "anomaly/concept_batches.h"

#include "anomaly/augmentation.h"
#include "core/error.h"
#include "tensor/reference_input.h"

namespace kizu::anomaly {
namespace {

/// What all batches draw alike, for given latents: captions, time steps and noise.
void draw_rest(InversionBatch& batch, ldm::LatentDiffusion& base, const Preset& preset, NoiseStream& random) {
  const int64_t rows = batch.z_0.size(0);
  const auto device = batch.z_0.device();
  batch.ids = draw_captions(base.config.text, base.tokenizer.get(), preset.caption, rows, random).to(device);
  std::vector<int64_t> t;
  for (int64_t i = 0; i < rows; i++) t.push_back(random.below(base.config.timesteps));
  batch.t = torch::tensor(t, torch::kInt64).to(device);
  batch.eps = random.normal(batch.z_0.sizes()).to(device);
}

/// The moments of pictures [B, 3, H, W], a row each. Those whose index is not negative are looked up in
/// `known` and added to it.
std::vector<torch::Tensor> moments(ldm::LatentDiffusion& base, const torch::Tensor& pictures,
                                   const std::vector<int64_t>& indices, WorkerPool& pool,
                                   KnownMoments& known) {
  std::vector<torch::Tensor> rows(indices.size());
  std::vector<size_t> missing;
  for (size_t i = 0; i < rows.size(); i++) {
    const bool fresh = indices[i] < 0 || known.emplace(indices[i], torch::Tensor()).second;
    if (fresh) missing.push_back(i);
  }
  pool.run(static_cast<int64_t>(missing.size()), [&](int, int64_t task) {
    const torch::NoGradGuard no_grad;
    const size_t i = missing[static_cast<size_t>(task)];
    const auto row = static_cast<int64_t>(i);
    rows[i] = base.moments(pictures.slice(0, row, row + 1).to(base.device()));
  });
  for (const size_t i : missing)
    if (indices[i] >= 0) known[indices[i]] = rows[i];
  for (size_t i = 0; i < rows.size(); i++)
    if (!rows[i].defined()) rows[i] = known.at(indices[i]);
  return rows;
}

/// Scaled latents of pictures [B, 3, H, W]: a sample of the posterior or its mean.
torch::Tensor latents(ldm::LatentDiffusion& base, const torch::Tensor& pictures,
                      const std::vector<int64_t>& indices, const Preset& preset, NoiseStream& random,
                      WorkerPool& pool, KnownMoments& known) {
  const auto& config = base.config.autoencoder;
  auto noise = random.normal({pictures.size(0), config.embed_dim, pictures.size(2) / config.factor(),
                              pictures.size(3) / config.factor()});
  if (preset.posterior_mode) noise.zero_();
  const torch::NoGradGuard no_grad;
  auto rows = moments(base, pictures, indices, pool, known);
  for (size_t i = 0; i < rows.size(); i++) {
    const auto row = static_cast<int64_t>(i);
    rows[i] = base.drawn(rows[i], noise.slice(0, row, row + 1).to(base.device()));
  }
  return torch::cat(rows);
}

}  // namespace

void ConceptLearningOptions::check() const {
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) throw Error(message);
  };
  require(preset.batch >= 1 && preset.batch <= 256, "--set batch: between 1 and 256");
  require(preset.steps >= 1 && preset.mask_steps >= 1, "--set steps, --set mask_steps: at least 1");
  require(side >= 16 && side <= 1024, "side: between 16 and 1024");
  require(rows_at_once >= 0, "rows at once: not negative");
  require(save_every >= 1, "save every: at least 1 step");
}

std::vector<PreparedShot> prepare(const std::vector<ConceptShot>& shots,
                                  const ConceptLearningOptions& options) {
  const auto side = static_cast<int>(options.preset.augment ? 2 * options.side : options.side);
  std::vector<PreparedShot> all;
  for (const auto& shot : shots) {
    const auto image = diffusion_photo(shot.image, side);
    all.push_back({shot.concept_name, ((image + 1) * 127.5).round().to(torch::kUInt8),
                   diffusion_mask(shot.mask, side).to(torch::kUInt8)});
  }
  return all;
}

InversionBatch anomaly_batch(ldm::LatentDiffusion& base, const std::vector<PreparedShot>& shots,
                             const ConceptLearningOptions& options, NoiseStream random, WorkerPool& pool,
                             KnownMoments& known) {
  InversionBatch batch;
  std::vector<torch::Tensor> images, masks;
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < options.preset.batch; i++) {
    indices.push_back(random.below(static_cast<int64_t>(shots.size())));
    const auto& shot = shots[static_cast<size_t>(indices.back())];
    batch.names.push_back(shot.name);
    images.push_back(shot.image.to(torch::kFloat32) / 127.5 - 1);
    masks.push_back(shot.mask.to(torch::kFloat32));
  }
  const bool change = options.preset.augment && random.chance(0.5);
  const auto pair = change ? augment_as_published(torch::stack(images), torch::stack(masks), options.side,
                                                  draws_from(random))
                           : resized_pair(torch::stack(images), torch::stack(masks), options.side);
  const auto mask = options.preset.soft_masks ? pair.masks : (pair.masks >= 0.5).to(torch::kFloat32);
  batch.mask = mask.to(base.device());
  if (change) indices.assign(indices.size(), -1);
  batch.z_0 = latents(base, pair.images, indices, options.preset, random, pool, known);
  draw_rest(batch, base, options.preset, random);
  return batch;
}

InversionBatch mask_batch(ldm::LatentDiffusion& base, const std::vector<torch::Tensor>& pictures,
                          const std::string& name, const ConceptLearningOptions& options, NoiseStream random,
                          WorkerPool& pool, KnownMoments& known) {
  InversionBatch batch;
  std::vector<torch::Tensor> chosen;
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < options.preset.batch; i++) {
    indices.push_back(random.below(static_cast<int64_t>(pictures.size())));
    chosen.push_back(pictures[static_cast<size_t>(indices.back())]);
  }
  batch.names.assign(chosen.size(), name);
  batch.z_0 = latents(base, torch::stack(chosen), indices, options.preset, random, pool, known);
  draw_rest(batch, base, options.preset, random);
  return batch;
}

}  // namespace kizu::anomaly
