#include "anomaly/concept_generation.h"

#include "anomaly/residual_paste.h"
#include "ldm/tokenizer.h"
#include "tensor/reference_input.h"

namespace kizu::anomaly {
namespace {

constexpr double kFeather = 1.0 / 32;  // of the photo's longer side

std::vector<int64_t> latent_shape(const ldm::LatentDiffusion& base, int64_t side) {
  const auto& config = base.config.autoencoder;
  return {config.embed_dim, side / config.factor(), side / config.factor()};
}

torch::Tensor masks_of(const std::vector<PaintRequest>& requests, int64_t side) {
  std::vector<torch::Tensor> masks;
  for (const auto& request : requests) masks.push_back(diffusion_mask(request.mask, static_cast<int>(side)));
  return torch::stack(masks);
}

/// The good photo plus what changed in the decoded picture, [3, side, side] of [-1, 1] pictures.
PaintedPair composited(const Image& good, const torch::Tensor& difference, const torch::Tensor& mask) {
  const auto resized = [&](const torch::Tensor& x) {
    return torch::upsample_bilinear2d(x.unsqueeze(0), {good.height, good.width}, false)[0];
  };
  PaintedPair pair;
  pair.mask = to_mask((resized(mask) >= 0.5).to(torch::kFloat32));
  const double radius = std::max(1.0, kFeather * std::max(good.width, good.height));
  pair.image = paste(good, resized(difference), feathered(pair.mask, radius), colourless(good));
  return pair;
}

}  // namespace

Context paint_context(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                      GradualStyleEncoder encoder, const std::vector<PaintRequest>& requests,
                      const Preset& preset) {
  const torch::NoGradGuard no_grad;
  const auto device = base.device();
  Concepts known;
  std::vector<torch::Tensor> ids;
  std::vector<std::string> names;
  for (const auto& request : requests) {
    NoiseStream words(mix(request.seed, "caption"));
    ids.push_back(draw_captions(base.config.text, base.tokenizer.get(), preset.caption, 1, words)[0]);
    names.push_back(request.concept_name);
  }
  for (const auto& [name, embedding] : concepts.anomalies) known.embeddings[name] = embedding.to(device);
  known.spatial = spatial_tokens(encoder, preset.spatial_training_mode);
  const auto masks = masks_of(requests, concepts.spatial_config.side).to(device);
  return context_of(base.text, torch::stack(ids).to(device), known.inserted(names, masks));
}

std::vector<PaintedPair> paint_pairs(ldm::LatentDiffusion& base, const Context& context,
                                     const std::vector<PaintRequest>& requests, int64_t side,
                                     const Preset& preset) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> pictures;
  std::vector<uint64_t> seeds;
  for (const auto& request : requests) {
    pictures.push_back(diffusion_photo(request.good, static_cast<int>(side)));
    seeds.push_back(request.seed);
  }
  const auto masks = masks_of(requests, side);
  const auto painted = paint(base, torch::stack(pictures), masks, context,
                             sampling_draws(seeds, latent_shape(base, side)), preset.painting());
  const auto decoded = base.decode(painted.latent).to(torch::kCPU);
  const bool whole = preset.compositing == Compositing::kDecoded;
  // The autoencoder's own errors cancel in the difference, so that the photo keeps its texture.
  const auto change = whole ? decoded : decoded - base.decode(painted.z_0).to(torch::kCPU);
  std::vector<PaintedPair> pairs;
  for (size_t i = 0; i < requests.size(); i++) {
    const auto at = static_cast<int64_t>(i);
    pairs.push_back(whole ? PaintedPair{saved_picture((change[at] + 1) / 2), to_mask(masks[at])}
                          : composited(requests[i].good, change[at], masks[at]));
  }
  return pairs;
}

namespace {

std::vector<int64_t> numbers_of(const torch::Tensor& ids) {
  const auto row = ids.contiguous();
  return {row.data_ptr<int64_t>(), row.data_ptr<int64_t>() + row.numel()};
}

}  // namespace

MaskContexts::MaskContexts(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                           const std::vector<std::string>& names, const Preset& preset, WorkerPool& pool)
    : text_(base.config.text), tokenizer_(base.tokenizer), choice_(preset.caption) {
  const auto device = base.device();
  Concepts known;
  for (const auto& [name, embedding] : concepts.masks) known.embeddings[name] = embedding.to(device);
  const auto captions = all_captions(text_, tokenizer_.get(), choice_);
  std::vector<Context*> places;
  std::vector<std::pair<std::string, torch::Tensor>> wanted;
  for (const auto& name : names) {
    known.embedding(name);  // an unknown one is told here
    for (int64_t i = 0; i < captions.size(0); i++) {
      wanted.emplace_back(name, captions.slice(0, i, i + 1));
      places.push_back(&contexts_[{name, numbers_of(wanted.back().second)}]);
    }
  }
  pool.run(static_cast<int64_t>(wanted.size()) + 1, [&](int, int64_t task) {
    const torch::NoGradGuard no_grad;
    if (task == 0) {
      nothing_ = context_of(base.text, ldm::empty_caption(text_).to(device));
      return;
    }
    const auto& [name, ids] = wanted[static_cast<size_t>(task - 1)];
    *places[static_cast<size_t>(task - 1)] =
        context_of(base.text, ids.to(device), known.inserted({name}, {}));
  });
}

const Context& MaskContexts::draw(const std::string& concept_name, NoiseStream words) const {
  const auto ids = draw_captions(text_, tokenizer_.get(), choice_, 1, words);
  return contexts_.at({concept_name, numbers_of(ids)});
}

std::vector<Mask> sample_masks(ldm::LatentDiffusion& base, const MaskContexts& contexts,
                               const std::string& concept_name, int64_t side, uint64_t seed, int64_t batch,
                               const Preset& preset, WorkerPool& pool) {
  std::vector<torch::Tensor> masks(kMaskBatch);
  pool.run(kMaskBatch, [&](int, int64_t row) {
    const torch::NoGradGuard no_grad;
    const uint64_t own = mix(seed, "mask " + concept_name, batch * kMaskBatch + row);
    const auto& context = contexts.draw(concept_name, NoiseStream(mix(own, "caption")));
    const auto latent =
        sample_mask_latents(base, context, contexts.nothing(),
                            sampling_draws({own}, latent_shape(base, side)), preset.mask_sampling());
    masks[static_cast<size_t>(row)] =
        masks_from_pictures(base.decode(latent).to(torch::kCPU), preset.mask_filter());
  });
  std::vector<Mask> kept;
  for (const auto& mask : masks)
    if (plausible_masks(mask, preset.mask_filter()).item<bool>()) kept.push_back(to_mask(mask[0]));
  return kept;
}

}  // namespace kizu::anomaly
