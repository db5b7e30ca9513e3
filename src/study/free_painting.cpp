#include "study/free_painting.h"

#include "anomaly/compact_condition.h"
#include "image/codec.h"
#include "metrics/pixel_metrics.h"
#include "pipeline/adapt.h"
#include "tensor/convert.h"

namespace kizu::study {
namespace {

namespace fs = std::filesystem;

const diffusion::SamplerOptions kSampler{diffusion::Solver::kDpmSolver, 20, 0, diffusion::Spacing::kLogSnr};

std::optional<double> auroc_of(const torch::Tensor& change, const torch::Tensor& mask) {
  metrics::ScoredImage pixels{static_cast<int>(change.size(1)), static_cast<int>(change.size(0)), {}, {}, {}};
  const auto scores = change.contiguous(), truth = mask.contiguous();
  pixels.scores.assign(scores.data_ptr<float>(), scores.data_ptr<float>() + scores.numel());
  for (int64_t i = 0; i < truth.numel(); i++) pixels.mask.push_back(truth.data_ptr<float>()[i] > 0.5F);
  return metrics::evaluate_pixels({pixels}).ranking.auroc;
}

std::optional<double> alignment_of(const ldm::CompactModel& model, const FreePainting& painting) {
  const torch::NoGradGuard no_grad;
  auto autoencoder = model.autoencoder;
  const auto change = (autoencoder->decode(painting.made) - autoencoder->decode(painting.good)).abs();
  return auroc_of(change.mean(1)[0], painting.mask[0][0]);
}

}  // namespace

FreePainting paint_freely(const ldm::CompactModel& model, const anomaly::TypeEmbedding& type,
                          const Image& photo, const Mask& mask, uint64_t seed,
                          const diffusion::SamplerOptions& sampler) {
  const torch::NoGradGuard no_grad;
  const auto window = anomaly::choose_windows(mask, {}).front();
  const auto good = anomaly::cut(to_pm1(photo), window).clamp(-1, 1).unsqueeze(0);
  auto base = model;
  FreePainting painting;
  painting.mask = anomaly::cut_mask(to_tensor(mask), window).unsqueeze(0);
  painting.good = base.autoencoder->encode(good);
  NoiseStream stream(mix(seed, "appearance"));
  const auto look = anomaly::look_for(type, 1, stream);
  const auto known = anomaly::known_latents(painting.mask, anomaly::Background::kOutside);
  const auto denoise = anomaly::compact_denoiser(
      base, anomaly::condition(base, painting.good, painting.mask, look.tokens.unsqueeze(0), known));
  const auto start = NoiseStream(mix(seed, "start")).normal(painting.good.sizes());
  diffusion::Attachments attached;
  attached.noise = diffusion::noise_per_image({seed}, "sampler");
  painting.made = diffusion::sample(denoise, anomaly::schedule_of(base.config), start, sampler, attached);
  return painting;
}

std::optional<double> free_alignment(const pipeline::Workspace& workspace, const std::vector<Json>& records,
                                     WorkerPool& pool) {
  const auto learned = workspace.step("learn") / "embeddings.safetensors";
  if (records.empty() || !fs::exists(learned)) return {};
  const auto embeddings = anomaly::Embeddings::read(learned);
  std::vector<ldm::CompactModel> models{ldm::CompactModel::load(base_of(workspace))};
  embeddings.tune(models[0]);
  while (static_cast<int>(models.size()) < pool.size()) models.push_back(models[0].replica());
  for (const auto& model : models) model.train(false);
  std::vector<std::optional<double>> values(records.size());
  pool.run(static_cast<int64_t>(records.size()), [&](int worker, int64_t i) {
    const auto& record = records[i];
    const auto photo =
        read_image(workspace.data / fs::u8path(record.at("source").at("file").get<std::string>()));
    const auto mask = read_mask(workspace.step("pairs") / fs::u8path(record.at("mask").get<std::string>()));
    values[i] =
        alignment_of(models[worker], paint_freely(models[worker], embeddings.of(record.at("type")), photo,
                                                  mask, record.at("seed").get<uint64_t>(), kSampler));
  });
  double sum = 0, count = 0;
  for (const auto& value : values)
    if (value) sum += *value, count++;
  return count > 0 ? std::optional<double>(sum / count) : std::nullopt;
}

}  // namespace kizu::study
