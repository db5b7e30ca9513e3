#include "pretraining/sample_sheet.h"

#include "anomaly/compact_condition.h"
#include "diffusion/dpm_solver.h"
#include "image/codec.h"
#include "image/transform.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::pretraining {
namespace {

torch::Tensor to_pm1(const torch::Tensor& u8) {
  return u8.to(torch::kFloat32) / 127.5 - 1;
}

void add(std::vector<Image>& sheet, const torch::Tensor& pm1) {
  sheet.push_back(from_pm1(pm1.to(torch::kCPU), 3, 8));
}

}  // namespace

void draw_reconstructions(ldm::CompactModel& model, const TripleStore& triples,
                          const std::filesystem::path& file) {
  const torch::NoGradGuard no_grad;
  const auto device = model.autoencoder->parameters()[0].device();
  std::vector<Image> sheet;
  for (int64_t i = 0; i < std::min<int64_t>(12, triples.flawed.size(0)); i++) {
    const auto picture = to_pm1(triples.flawed[i]).unsqueeze(0).to(device);
    add(sheet, picture[0]);
    add(sheet, model.autoencoder->decode(model.autoencoder->encode(picture))[0]);
  }
  write_png(file, contact_sheet(sheet, 6, 256));
}

void draw_samples(ldm::CompactModel& model, const TripleStore& triples, uint64_t seed,
                  const std::filesystem::path& file) {
  const torch::NoGradGuard no_grad;
  const auto device = model.autoencoder->parameters()[0].device();
  const auto schedule = anomaly::schedule_of(model.config);
  std::vector<Image> sheet;
  const int64_t count = triples.normal.size(0);
  for (int64_t i = 0; i < std::min<int64_t>(12, count); i++) {
    const auto flawed = to_pm1(triples.flawed[i]).unsqueeze(0).to(device);
    const auto good = to_pm1(triples.normal[(i + count / 2) % count]).unsqueeze(0).to(device);
    const auto mask = triples.mask[i].unsqueeze(0).to(device, torch::kFloat32);
    const auto known = anomaly::known_latents(mask, anomaly::Background::kOutside);
    const auto latent = model.autoencoder->encode(good), source = model.autoencoder->encode(flawed);
    const auto tokens = model.appearance->tokens(model.appearance->code(source, source * known, mask));
    const auto denoise =
        anomaly::compact_denoiser(model, anomaly::condition(model, latent, mask, tokens, known));
    const auto start = NoiseStream(mix(seed, "sheet", i)).normal(latent.sizes()).to(device);
    const auto out = model.autoencoder->decode(diffusion::dpm_solver(denoise, schedule, start, {}));
    add(sheet, good[0]);
    add(sheet, flawed[0]);
    add(sheet, mask[0].expand({3, -1, -1}) * 2 - 1);
    add(sheet, good[0] + mask[0] * (out - model.autoencoder->decode(latent))[0]);
    add(sheet, out[0]);
  }
  write_png(file, contact_sheet(sheet, 10, 192));
}

}  // namespace kizu::pretraining
