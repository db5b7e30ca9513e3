#include "study/measure_base.h"

#include <algorithm>
#include <cmath>

#include "anomaly/blending.h"
#include "anomaly/compact_condition.h"
#include "anomaly/window.h"
#include "core/error.h"
#include "diffusion/dpm_solver.h"
#include "image/codec.h"
#include "image/transform.h"
#include "metrics/pixel_metrics.h"
#include "synthetic/scene.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::study {
namespace {

// The middle square of the photo, its side the photo's short one, at 256 px.
torch::Tensor middle(const Image& photo) {
  const int side = std::min(photo.width, photo.height);
  return anomaly::cut(to_pm1(photo), {(photo.width - side) / 2, (photo.height - side) / 2, side, 256})
      .clamp(-1, 1);
}

double psnr_of(const torch::Tensor& a, const torch::Tensor& b) {
  return 10 * std::log10(4 / (a.clamp(-1, 1) - b).square().mean().item<double>());
}

// [1, 3, H, W] -> mean absolute difference over the channels, [H, W], of 255.
torch::Tensor change(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().mean(1) * 127.5)[0].contiguous();
}

double alignment_of(const torch::Tensor& change, const torch::Tensor& mask) {
  metrics::ScoredImage image{static_cast<int>(change.size(1)), static_cast<int>(change.size(0)), {}, {}, {}};
  const auto truth = mask.contiguous();
  image.scores.assign(change.data_ptr<float>(), change.data_ptr<float>() + change.numel());
  for (int64_t i = 0; i < truth.numel(); i++) image.mask.push_back(truth.data_ptr<float>()[i] > 0.5F);
  return metrics::evaluate_pixels({image}).ranking.auroc.value_or(0.5);
}

struct Painted {
  torch::Tensor source, mask, blended, unblended;  // [1, 3, 256, 256], mask [1, 1, 256, 256]
};

// The appearance of a procedural defect copied onto the good picture, under the mask of that defect.
Painted paint(ldm::CompactModel& model, const torch::Tensor& latent, uint64_t seed) {
  const auto triple = synthetic::draw_triple(mix(seed, "unseen"), 256);
  const auto mask = triple.mask.unsqueeze(0), flawed = triple.flawed.unsqueeze(0);
  const auto known = anomaly::known_latents(mask, anomaly::Background::kOutside);
  const auto source = model.autoencoder->encode(flawed);
  const auto tokens = model.appearance->tokens(model.appearance->code(source, source * known, mask));
  const auto denoise =
      anomaly::compact_denoiser(model, anomaly::condition(model, latent, mask, tokens, known));
  const auto schedule = anomaly::schedule_of(model.config);
  const auto start = NoiseStream(mix(seed, "start")).normal(latent.sizes());
  const auto free = diffusion::dpm_solver(denoise, schedule, start, {});
  const anomaly::Blending blending(latent, 1 - known, schedule,
                                   diffusion::noise_per_image({mix(seed, "blend")}, "blend"));
  const auto kept = blending.finish(
      diffusion::dpm_solver(denoise, schedule, start, {}, {blending.hook(), nullptr, nullptr}));
  return {flawed, mask, model.autoencoder->decode(kept), model.autoencoder->decode(free)};
}

}  // namespace

Json to_json(const BaseMeasure& m) {
  return {{"photos", m.photos},       {"psnr", m.psnr},
          {"alignment", m.alignment}, {"alignment_blended", m.alignment_blended},
          {"inside", m.inside},       {"outside", m.outside}};
}

BaseMeasure measure_base(const std::filesystem::path& folder, const std::filesystem::path& data,
                         const std::string& category, int64_t painted, uint64_t seed,
                         const std::filesystem::path& sheet, Observer& observer) {
  const torch::NoGradGuard no_grad;
  auto model = ldm::CompactModel::load(folder);
  const auto photos = dataset::scan(data, category).good_train;
  if (photos.empty()) throw Error(data.string() + ": no good photos to measure on");
  BaseMeasure sum;
  std::vector<Image> pictures;
  int64_t done = 0;
  for (size_t i = 0; i < photos.size(); i++) {
    if (observer.wants_stop()) throw Interrupted();
    const auto good = middle(read_image(photos[i].image)).unsqueeze(0);
    const auto latent = model.autoencoder->encode(good), back = model.autoencoder->decode(latent);
    sum.psnr += psnr_of(back, good);
    sum.photos++;
    if (done < painted) {
      done++;
      const auto made = paint(model, latent, mix(seed, "measure", i));
      const auto free = change(made.unblended, back), kept = change(made.blended, back);
      const auto mask = made.mask[0][0];
      sum.alignment += alignment_of(free, mask);
      sum.alignment_blended += alignment_of(kept, mask);
      sum.inside += ((free * mask).sum() / mask.sum()).item<double>();
      sum.outside += ((free * (1 - mask)).sum() / (1 - mask).sum()).item<double>();
      if (pictures.size() < 60) {
        for (const auto& picture : {good, made.source, (made.mask * 2 - 1).expand({1, 3, 256, 256}),
                                    made.blended, made.unblended}) {
          pictures.push_back(from_pm1(picture[0], 3, 8));
        }
      }
    }
    observer.progressed("measure", static_cast<int64_t>(i) + 1, static_cast<int64_t>(photos.size()), "");
  }
  sum.psnr /= static_cast<double>(sum.photos);
  for (double* value : {&sum.alignment, &sum.alignment_blended, &sum.inside, &sum.outside})
    *value /= static_cast<double>(std::max<int64_t>(1, done));
  if (!sheet.empty()) write_png(sheet, contact_sheet(pictures, 10, 192));
  return sum;
}

}  // namespace kizu::study
