#include "pipeline/adapt.h"

#include "anomaly/window.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "image/codec.h"
#include "pretraining/pretrain.h"
#include "synthetic/scene.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

// Steps that two cores make in a minute, measured once; a third of the time goes to the autoencoder.
constexpr double kAutoencoderStepsPerMinute = 800, kUNetStepsPerMinute = 200;
constexpr int64_t kPictures = 400;

// Windows of the good photos at the zooms that generation uses, each with a procedural defect.
pretraining::TripleStore draw_from_photos(const Workspace& workspace, const dataset::Split& split,
                                          Observer& observer) {
  const auto photos = split.good_train();
  pretraining::TripleStore store{torch::empty({kPictures, 3, 256, 256}, torch::kUInt8),
                                 torch::empty({kPictures, 3, 256, 256}, torch::kUInt8),
                                 torch::empty({kPictures, 1, 256, 256}, torch::kUInt8)};
  WorkerPool pool(workspace.workers);
  pool.run(kPictures, [&](int, int64_t i) {
    const torch::NoGradGuard no_grad;
    const uint64_t seed = mix(workspace.seed, "adapt", i);
    NoiseStream random(seed);
    const auto picture =
        to_pm1(read_image(workspace.data / std::filesystem::u8path(photos[i % photos.size()].image)));
    const int height = static_cast<int>(picture.size(1)), width = static_cast<int>(picture.size(2));
    const int side = std::max(48, static_cast<int>(std::min(height, width) / random.uniform(1.0, 2.5)));
    const anomaly::Window window{static_cast<int>(random.below(std::max(1, width - side))),
                                 static_cast<int>(random.below(std::max(1, height - side))), side, 256};
    const auto triple =
        synthetic::draw_defect_on(anomaly::cut(picture, window).clamp(-1, 1), mix(seed, "defect"));
    store.normal[i].copy_(to_u8(triple.normal));
    store.flawed[i].copy_(to_u8(triple.flawed));
    store.mask[i].copy_(triple.mask.to(torch::kUInt8));
  });
  observer.progressed("adapt: draw", kPictures, kPictures, "");
  return store;
}

}  // namespace

std::filesystem::path base_of(const Workspace& workspace) {
  const auto adapted = workspace.step("learn") / "adapted" / "model";
  return std::filesystem::exists(adapted / "model.json") ? adapted : workspace.model;
}

void adapt(ldm::CompactModel& model, const Workspace& workspace, const dataset::Split& split, double minutes,
           const std::filesystem::path& folder, Observer& observer) {
  if (!std::filesystem::exists(folder / "model" / "model.json")) {
    make_folders(folder);
    pretraining::PretrainOptions options;
    options.config = model.config;
    options.seed = mix(workspace.seed, "adaptation");
    options.workers = workspace.workers;
    options.renormalise = false;
    options.autoencoder_steps =
        std::max<int64_t>(1, static_cast<int64_t>(minutes / 3 * kAutoencoderStepsPerMinute));
    options.autoencoder_rate = 3e-4;
    options.unet_steps = std::max<int64_t>(1, static_cast<int64_t>(minutes * 2 / 3 * kUNetStepsPerMinute));
    options.unet_rate = 2e-4;
    options.checkpoint_every = 100;
    const auto triples = draw_from_photos(workspace, split, observer);
    pretraining::train_autoencoder(model, triples, options, folder, observer);
    const auto latents = pretraining::encode_triples(model, triples, options, observer);
    pretraining::train_unet(model, latents, options, folder, observer);
    model.save(folder / "model", /*half=*/false,
               {{"adapted_minutes", minutes}, {"base", hash_of_model(workspace.model)}});
    std::filesystem::remove(folder / "autoencoder.checkpoint.safetensors");
    std::filesystem::remove(folder / "unet.checkpoint.safetensors");
  }
  model = ldm::CompactModel::load(folder / "model");
}

}  // namespace kizu::pipeline
