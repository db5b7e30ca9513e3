#include <algorithm>

#include "anomaly/compact_condition.h"
#include "layers/mixed_precision.h"
#include "pretraining/pretrain_loop.h"
#include "tensor/noise.h"

namespace kizu::pretraining {
namespace {

struct Batch {
  torch::Tensor x_0, background, known, mask;  // latents [B, C, s, s], [B, 1, s, s], mask [B, 1, 8s, 8s]
  torch::Tensor nameless;                      // [B, 1, 1]: 1 where the appearance is withheld
  torch::Tensor t, eps;
};

// A window of `side` latent pixels that shows as much of the mask as it can, placed at random around it.
std::pair<int64_t, int64_t> place_window(const torch::Tensor& mask, int64_t side, NoiseStream& random) {
  const int64_t whole = mask.size(1) / 8;
  if (side == whole) return {0, 0};
  const auto where =
      torch::nonzero(torch::max_pool2d(mask.to(torch::kFloat32).unsqueeze(0), 8)[0][0]);  // [n, 2]
  const auto centre = where[random.below(where.size(0))];
  const auto start = [&](int64_t at) {
    return std::clamp<int64_t>(at - side / 2 + random.below(side / 2 + 1) - side / 4, 0, whole - side);
  };
  const int64_t y = start(centre[0].item<int64_t>());
  return {y, start(centre[1].item<int64_t>())};
}

Batch draw_batch(const LatentStore& store, int64_t size, int64_t offset, int64_t whole_batch, int64_t side,
                 uint64_t seed) {
  NoiseStream random(seed);
  std::vector<torch::Tensor> x_0, shown, known, mask;
  std::vector<float> nameless;
  std::vector<int64_t> t;
  for (int64_t i = 0; i < size; i++) {
    const int64_t n = random.below(store.normal.size(0));
    const auto [y, x] = place_window(store.mask[n], side, random);
    const auto window = [&, y = y, x = x](const torch::Tensor& latent) {
      return latent.slice(1, y, y + side).slice(2, x, x + side).to(torch::kFloat32);
    };
    const bool good = random.chance(0.1);
    auto defect =
        store.mask[n].slice(1, 8 * y, 8 * (y + side)).slice(2, 8 * x, 8 * (x + side)).to(torch::kFloat32);
    if (good) defect = torch::zeros_like(defect);
    const auto normal = window(store.normal[n]);
    // Three in ten see the good surface under the defect as well: what is there may shine through.
    const auto background = random.chance(0.3) ? anomaly::Background::kWhole : anomaly::Background::kOutside;
    const auto given = anomaly::known_latents(defect.unsqueeze(0), background)[0];
    x_0.push_back(good ? normal : window(store.flawed[n]));
    shown.push_back(normal * given);
    known.push_back(given);
    mask.push_back(defect);
    nameless.push_back(good || random.chance(0.1) ? 1.F : 0.F);
    // One time step from each of as many equal stretches as the batch has samples.
    t.push_back(static_cast<int64_t>((static_cast<double>(offset + i) + random.uniform()) /
                                     static_cast<double>(whole_batch) * 1000));
  }
  Batch batch{torch::stack(x_0),
              torch::stack(shown),
              torch::stack(known),
              torch::stack(mask),
              torch::tensor(nameless).view({-1, 1, 1}),
              torch::tensor(t, torch::kInt64),
              {}};
  batch.eps = NoiseStream(mix(seed, "eps")).normal(batch.x_0.sizes());
  const auto device = store.normal.device();
  for (auto* tensor : {&batch.nameless, &batch.t, &batch.eps}) *tensor = tensor->to(device);
  return batch;
}

// Whole window and defect count alike. The appearance is read off the picture itself, blurred by noise on its
// code.
torch::Tensor batch_loss(ldm::CompactModel& model, const Batch& batch, const diffusion::Schedule& schedule,
                         uint64_t seed) {
  auto code = model.appearance->code(batch.x_0, batch.background, batch.mask);
  code = code + 0.1 * NoiseStream(mix(seed, "code")).normal(code.sizes()).to(code.device());
  const auto tokens = torch::where(batch.nameless > 0.5, model.appearance->null_tokens(),
                                   model.appearance->tokens(code).to(torch::kFloat32));
  const auto condition = anomaly::condition(model, batch.background, batch.mask, tokens, batch.known);
  return anomaly::v_loss(model, schedule, batch.x_0, batch.mask, condition, batch.t, batch.eps, 1, 1).mean();
}

std::vector<Trainable> all_trainables(const ldm::CompactModel& model) {
  auto all = trainables(*model.unet, "unet.");
  for (auto& more : trainables(*model.appearance, "appearance.")) all.push_back(more);
  for (auto& more : trainables(*model.spatial, "spatial.")) all.push_back(more);
  return all;
}

}  // namespace

void train_unet(ldm::CompactModel& model, const LatentStore& latents, const PretrainOptions& options,
                const std::filesystem::path& folder, Observer& observer) {
  const bool gpu = options.device.is_cuda();
  const int64_t shards = gpu ? 1 : options.shards;
  WorkerPool pool(gpu ? 1 : options.workers);
  std::vector<ldm::CompactModel> models{model};
  while (static_cast<int>(models.size()) < pool.size()) models.push_back(model.replica());
  std::vector<std::vector<torch::Tensor>> parameters;
  for (const auto& each : models) parameters.push_back(values_of(all_trainables(each)));
  ShardedGradient sharded(pool, parameters, shards);
  const auto schedule = anomaly::schedule_of(model.config);
  const auto last = static_cast<double>(options.unet_steps);
  const auto gradient = [&](int64_t step) {
    const bool wide = static_cast<double>(step) >= (1 - options.wide_share) * last && step % 2 == 1;
    const int64_t side = wide ? 32 : 16, batch = wide ? options.unet_batch / 2 : options.unet_batch;
    return sharded.compute([&](int worker, int64_t shard) {
      const int64_t share = batch / shards;
      const uint64_t seed = mix(options.seed, "unet", step * shards + shard);
      const auto drawn = draw_batch(latents, share, shard * share, batch, side, seed);
      const layers::Autocast autocast(options.bf16, options.device);
      return batch_loss(models[worker], drawn, schedule, seed);
    });
  };
  const Pace pace{"unet", options.unet_steps, 60, options.unet_rate, 0.4, {0.9, 0.98, 1e-8, 1e-3}, 0.9995};
  pretrain_loop(pace, all_trainables(model), options, folder, gradient, observer);
}

}  // namespace kizu::pretraining
