#include "anomaly/concept_generation.h"

#include "anomaly/residual_paste.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "image/codec.h"
#include "ldm/tokenizer.h"
#include "tensor/reference_input.h"

namespace kizu::anomaly {
namespace {

constexpr int64_t kMaskBatch = 8;
constexpr int kJpegQuality = 75;
constexpr double kFeather = 1.0 / 32;  // of the photo's longer side

torch::Device device_of(ldm::LatentDiffusion& base) {
  return base.unet->parameters().front().device();
}

std::vector<int64_t> latent_shape(ldm::LatentDiffusion& base, int64_t side) {
  const auto& config = base.config.autoencoder;
  return {config.embed_dim, side / config.factor(), side / config.factor()};
}

/// The good photo plus what changed in the decoded picture, [3, side, side] of [-1, 1] pictures.
PaintedPair composited(const PaintRequest& request, const torch::Tensor& difference,
                       const torch::Tensor& mask) {
  const auto& good = request.good;
  const auto resized = [&](const torch::Tensor& x) {
    return torch::upsample_bilinear2d(x.unsqueeze(0), {good.height, good.width}, false)[0];
  };
  PaintedPair pair;
  pair.seed = request.seed;
  pair.mask = to_mask((resized(mask) >= 0.5).to(torch::kFloat32));
  const double radius = std::max(1.0, kFeather * std::max(good.width, good.height));
  pair.image = paste(good, resized(difference), feathered(pair.mask, radius), colourless(good));
  return pair;
}

}  // namespace

PreparedPaints prepare_paints(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                              GradualStyleEncoder encoder, const std::vector<PaintRequest>& requests,
                              const Preset& preset) {
  const torch::NoGradGuard no_grad;
  const auto device = device_of(base);
  const auto side = static_cast<int>(concepts.spatial_config.side);
  PreparedPaints prepared;
  std::vector<torch::Tensor> pictures, masks, ids;
  std::vector<std::string> names;
  for (const auto& request : requests) {
    pictures.push_back(diffusion_photo(request.good, side));
    masks.push_back(diffusion_mask(request.mask, side));
    NoiseStream words(mix(request.seed, "caption"));
    ids.push_back(draw_captions(base.text->config(), preset.caption, 1, words)[0]);
    names.push_back(request.concept_name);
    prepared.seeds.push_back(request.seed);
  }
  prepared.pictures = torch::stack(pictures);
  prepared.masks = torch::stack(masks);
  Concepts known;
  for (const auto& [name, embedding] : concepts.anomalies) known.embeddings[name] = embedding.to(device);
  known.spatial = spatial_tokens(encoder, preset.spatial_training_mode);
  prepared.context =
      context_of(base.text, torch::stack(ids), known.inserted(names, prepared.masks.to(device)));
  return prepared;
}

std::vector<PaintedPair> paint_pairs(ldm::LatentDiffusion& base, const PreparedPaints& prepared,
                                     const std::vector<PaintRequest>& requests, const Preset& preset) {
  const torch::NoGradGuard no_grad;
  const auto draws = sampling_draws(prepared.seeds, latent_shape(base, prepared.pictures.size(3)));
  const auto painted =
      paint(base, prepared.pictures, prepared.masks, prepared.context, draws, preset.painting());
  const auto cpu = [](const torch::Tensor& x) { return x.to(torch::kCPU, torch::kFloat32); };
  const auto decoded = cpu(base.decode(painted.latent));
  if (preset.compositing == Compositing::kDecoded) {
    std::vector<PaintedPair> pairs;
    for (size_t i = 0; i < requests.size(); i++) {
      const auto at = static_cast<int64_t>(i);
      pairs.push_back({saved_picture((decoded[at] + 1) / 2), to_mask(prepared.masks[at]), prepared.seeds[i]});
    }
    return pairs;
  }
  // The autoencoder's own errors cancel in the difference, so that the photo keeps its texture.
  const auto difference = decoded - cpu(base.decode(painted.z_0));
  std::vector<PaintedPair> pairs;
  for (size_t i = 0; i < requests.size(); i++) {
    const auto at = static_cast<int64_t>(i);
    pairs.push_back(composited(requests[i], difference[at], prepared.masks[at]));
  }
  return pairs;
}

std::vector<Mask> generate_masks(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                                 const std::string& concept_name, int64_t count, int64_t side, uint64_t seed,
                                 const Preset& preset, Observer& observer) {
  const torch::NoGradGuard no_grad;
  const auto device = device_of(base);
  Concepts known;
  for (const auto& [name, embedding] : concepts.masks) known.embeddings[name] = embedding.to(device);
  const auto& text = base.text->config();
  const auto nothing = context_of(base.text, ldm::empty_caption(text));
  std::vector<Mask> kept;
  const int64_t most = 8 * (count / kMaskBatch + 1);  // batches
  for (int64_t batch = 0; static_cast<int64_t>(kept.size()) < count; batch++) {
    if (batch == most)
      throw Error("of " + std::to_string(batch * kMaskBatch) + " masks made for '" + concept_name +
                  "' only " + std::to_string(kept.size()) +
                  " are plausible; learn its masks longer, or use the shots' own");
    if (observer.wants_stop()) throw Interrupted();
    std::vector<uint64_t> seeds;
    for (int64_t i = 0; i < kMaskBatch; i++)
      seeds.push_back(mix(seed, "mask " + concept_name, batch * kMaskBatch + i));
    NoiseStream words(mix(seed, "captions " + concept_name, batch));
    const auto ids = draw_captions(text, preset.caption, kMaskBatch, words);
    const std::vector<std::string> names(kMaskBatch, concept_name);
    const auto context = context_of(base.text, ids, known.inserted(names, {}));
    const Context without{nothing.tokens.expand_as(context.tokens), nothing.ranges};
    const auto latent = sample_mask_latents(
        base, context, without, sampling_draws(seeds, latent_shape(base, side)), preset.mask_sampling());
    const auto masks =
        masks_from_pictures(base.decode(latent).to(torch::kCPU, torch::kFloat32), preset.mask_filter());
    const auto plausible = plausible_masks(masks, preset.mask_filter());
    for (int64_t i = 0; i < kMaskBatch && static_cast<int64_t>(kept.size()) < count; i++)
      if (plausible[i].item<bool>()) kept.push_back(to_mask(masks[i]));
    observer.progressed("masks of " + concept_name, static_cast<int64_t>(kept.size()), count, "");
  }
  return kept;
}

std::filesystem::path write_picture(const std::filesystem::path& stem, const Image& image,
                                    const Preset& preset, const std::map<std::string, std::string>& texts) {
  auto file = stem;
  file += preset.jpeg_images ? ".jpg" : ".png";
  if (preset.jpeg_images)
    write_file(file, encode_jpeg(image, kJpegQuality));
  else
    write_png(file, image, texts);
  return file;
}

std::filesystem::path write_mask(const std::filesystem::path& stem, const Mask& mask, const Preset& preset) {
  auto file = stem;
  file += preset.jpeg_masks ? ".jpg" : ".png";
  if (preset.jpeg_masks) {
    Image picture = Image::blank(mask.width, mask.height, 1);
    for (size_t i = 0; i < mask.values.size(); i++) picture.values[i] = mask.values[i] ? 255 : 0;
    write_file(file, encode_jpeg(picture, kJpegQuality));
  } else {
    write_png(file, mask);
  }
  return file;
}

}  // namespace kizu::anomaly
