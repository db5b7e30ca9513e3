#include "layers/mixed_precision.h"
#include "pretraining/pretrain_loop.h"
#include "tensor/noise.h"

namespace kizu::pretraining {
namespace {

constexpr int64_t kCrop = 64;

// L1 + 2 L2 + half the L1 of horizontal and vertical differences.
torch::Tensor reconstruction_loss(const torch::Tensor& out, const torch::Tensor& target) {
  const auto error = out - target;
  const auto along = [&](int64_t dim) { return error.diff(1, dim).abs().mean(); };
  return error.abs().mean() + 2 * error.square().mean() + 0.5 * (along(2) + along(3));
}

// Random crops of random pictures, flipped and turned; a third is shrunk from twice the size (sharper
// detail).
torch::Tensor draw_crops(const TripleStore& triples, int64_t batch, uint64_t seed) {
  NoiseStream random(seed);
  std::vector<torch::Tensor> crops;
  for (int64_t i = 0; i < batch; i++) {
    const auto& pictures = random.chance(0.5) ? triples.normal : triples.flawed;
    const int64_t side = random.chance(0.33) ? 2 * kCrop : kCrop;
    const int64_t n = random.below(pictures.size(0));
    const int64_t y = random.below(pictures.size(2) - side + 1),
                  x = random.below(pictures.size(3) - side + 1);
    auto crop = pictures[n].slice(1, y, y + side).slice(2, x, x + side).to(torch::kFloat32) / 127.5 - 1;
    if (side != kCrop) crop = torch::avg_pool2d(crop.unsqueeze(0), 2).squeeze(0);
    crop = torch::rot90(crop, random.below(4), {1, 2});
    crops.push_back(random.chance(0.5) ? crop.flip(2) : crop);
  }
  return torch::stack(crops);
}

void normalise_latents(ldm::CompactModel& model, const TripleStore& triples, const PretrainOptions& options) {
  const torch::NoGradGuard no_grad;
  const int64_t count = std::min<int64_t>(128, triples.normal.size(0));
  const auto pictures = triples.flawed.slice(0, 0, count).to(options.device).to(torch::kFloat32) / 127.5 - 1;
  model.autoencoder->set_normalisation(model.autoencoder->encode_raw(pictures));
}

}  // namespace

void train_autoencoder(ldm::CompactModel& model, const TripleStore& triples, const PretrainOptions& options,
                       const std::filesystem::path& folder, Observer& observer) {
  using Net = ldm::CompactAutoencoder;
  const bool gpu = options.device.is_cuda();
  const int64_t shards = gpu ? 1 : options.shards, share = options.autoencoder_batch / shards;
  WorkerPool pool(gpu ? 1 : options.workers);
  const auto nets = replicas<Net>(model.autoencoder, pool.size(),
                                  [&] { return std::make_shared<Net>(model.config.autoencoder); });
  std::vector<std::vector<torch::Tensor>> parameters;
  for (const auto& net : nets) parameters.push_back(values_of(trainables(*net)));
  ShardedGradient sharded(pool, parameters, shards);
  const auto gradient = [&](int64_t step) {
    return sharded.compute([&](int worker, int64_t shard) {
      const uint64_t seed = mix(options.seed, "autoencoder", step * shards + shard);
      const auto crops = draw_crops(triples, share, seed).to(options.device);
      const layers::Autocast autocast(options.bf16, options.device);
      const auto raw = nets[worker]->encode_raw(crops);
      const auto noise = NoiseStream(mix(seed, "latent")).normal(raw.sizes()).to(options.device) * 0.05;
      return reconstruction_loss(nets[worker]->decode_raw(raw + noise).to(torch::kFloat32), crops);
    });
  };
  const Pace pace{"autoencoder", options.autoencoder_steps, 50,   options.autoencoder_rate,
                  0.3,           {0.9, 0.99, 1e-8, 1e-4},   0.999};
  pretrain_loop(pace, trainables(*model.autoencoder), options, folder, gradient, observer);
  if (options.renormalise) normalise_latents(model, triples, options);
}

}  // namespace kizu::pretraining
