#include "pretraining/pretrain.h"

#include "core/error.h"
#include "core/run_folder.h"
#include "pretraining/sample_sheet.h"

namespace kizu::pretraining {
namespace {

void require(bool holds, const char* option, const char* remedy) {
  if (!holds) throw Error(std::string("--") + option + ": " + remedy);
}

nlohmann::json describe(const PretrainOptions& options) {
  return {{"config", options.config},
          {"seed", options.seed},
          {"pictures", options.pictures},
          {"autoencoder_steps", options.autoencoder_steps},
          {"autoencoder_batch", options.autoencoder_batch},
          {"autoencoder_rate", options.autoencoder_rate},
          {"unet_steps", options.unet_steps},
          {"unet_batch", options.unet_batch},
          {"unet_rate", options.unet_rate},
          {"wide_share", options.wide_share},
          {"shards", options.shards},
          {"bf16", options.bf16},
          {"device", options.device.str()}};
}

}  // namespace

void PretrainOptions::check() const {
  require(pictures >= 8, "pictures", "at least 8");
  require(shards >= 1 && autoencoder_batch % shards == 0 && autoencoder_batch >= shards, "autoencoder-batch",
          "must be a multiple of --shards");
  require(unet_batch % (2 * shards) == 0 && unet_batch >= 2 * shards, "unet-batch",
          "must be a multiple of twice --shards");
  require(autoencoder_steps >= 1, "autoencoder-steps", "at least 1");
  require(unet_steps >= 1, "unet-steps", "at least 1");
  require(wide_share >= 0 && wide_share <= 1, "wide-share", "between 0 and 1");
  require(checkpoint_every >= 1, "checkpoint-every", "at least 1");
  require(!bf16 || device.is_cuda(), "bf16",
          "the group norm has no such arithmetic on a CPU; leave it out or add --device cuda");
  require(device.is_cpu() || torch::cuda::is_available(), "device",
          "no CUDA device was found; use --device cpu");
}

void pretrain(const PretrainOptions& options, const std::filesystem::path& folder, Observer& observer) {
  options.check();
  RunFolder run(folder, "pretrain", describe(options), nlohmann::json::object());
  if (run.is_complete()) {
    observer.said("pretrain: " + folder.string() + " is complete already");
    return;
  }
  JournalObserver journal(run, observer);
  auto model = ldm::CompactModel::create(options.config, options.seed);
  model.to(options.device);
  const auto triples = draw_triples(options.pictures, options.seed, options.workers, journal);
  train_autoencoder(model, triples, options, folder, journal);
  draw_reconstructions(model, triples, folder / "autoencoder.png");
  const auto latents = encode_triples(model, triples, options, journal);
  train_unet(model, latents, options, folder, journal);
  draw_samples(model, triples, options.seed, folder / "unet.png");
  model.save(folder / "model", /*half=*/true, describe(options));
  run.finish({{"model", "model"}});
}

}  // namespace kizu::pretraining
