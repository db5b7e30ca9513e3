#include "anomaly/generation.h"

#include <algorithm>
#include <cmath>

#include "anomaly/blending.h"
#include "anomaly/contrast_matching.h"
#include "anomaly/residual_paste.h"
#include "core/error.h"
#include "image/transform.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

constexpr int64_t kBlendRadius = 1;   // latents around those the mask touches that may change as well
constexpr double kHardlyChanged = 2;  // of 255
constexpr int kFinest = 1024;         // px of the side of what is transplanted; memory grows with its square
constexpr double kMostOfAnother = 0.3;  // share of a second shot in a look

torch::Device device_of(const ldm::CompactModel& model) {
  return model.unet->parameters().front().device();
}

/// The components of the mask that belong to each window: the first that holds them whole.
std::vector<Mask> divided(const Mask& mask, const std::vector<Window>& windows) {
  std::vector<int> labels;
  const auto parts = components(mask, &labels);
  std::vector<std::size_t> owner(parts.size(), 0);
  for (std::size_t i = 0; i < parts.size(); i++) {
    const Box& box = parts[i].box;
    const auto holds = [&](const Window& w) {
      return w.x <= box.x0 && w.y <= box.y0 && w.x + w.side >= box.x1 && w.y + w.side >= box.y1;
    };
    const auto found = std::find_if(windows.begin(), windows.end(), holds);
    TORCH_CHECK(found != windows.end(), "a part of the mask lies in no window");
    owner[i] = static_cast<std::size_t>(found - windows.begin());
  }
  std::vector<Mask> out(windows.size(), Mask::blank(mask.width, mask.height));
  for (std::size_t i = 0; i < labels.size(); i++)
    if (labels[i]) out[owner[labels[i] - 1]].values[i] = 1;
  return out;
}

double severity_of(const GenerateOptions& options) {
  return options.severity == kByType ? 1 : options.severity;
}

/// What a window shows: a region of the photo [3, h, w] in [-1, 1] and what of the mask [1, h, w] lies there.
struct Scene {
  torch::Tensor region, mask;
  Window local, window;  // in px of the region, and of the photo
  Box photo;             // the photo's extent

  /// `difference` [3, canvas, canvas] of a window of the region -> [3, h, w], times `strength`.
  torch::Tensor in_region(const torch::Tensor& difference, const Window& seen, double strength) const {
    return put(difference * strength, seen, static_cast<int>(region.size(1)),
               static_cast<int>(region.size(2)));
  }
};

/// What the sampling changes in the scene, starting from noise: [3, h, w] in units of [-1, 1] pictures.
torch::Tensor difference_in(const ldm::CompactModel& model, const Scene& scene, const Look& look,
                            uint64_t seed, const GenerateOptions& options) {
  const auto photo = cut(scene.region, scene.local), mask = cut_mask(scene.mask, scene.local);
  const auto good = model.autoencoder->encode(photo.unsqueeze(0).to(device_of(model)));
  const auto flawed = sample_latent(model, good, mask.unsqueeze(0), look.tokens, seed, options);
  // The autoencoder's own errors cancel in the difference, so that the photo keeps its texture.
  const auto decoded = model.autoencoder->decode(torch::cat({flawed, good}));
  auto difference = (decoded[0] - decoded[1]).to(torch::kCPU);
  if (look.change.defined())
    difference = match_change(difference, mask, look.change * (light_at(photo, mask) * severity_of(options)),
                              options.match);
  return scene.in_region(difference, scene.local, options.strength);
}

/// A scene without and with the donor's pixels in its mask, each [3, canvas, canvas], and its mask.
struct Transplanted {
  Window local;
  torch::Tensor before, after, mask;
};

Transplanted transplanted(const Scene& scene, int canvas, const Donor& donor,
                          const GenerateOptions& options) {
  Window local = scene.local, window = scene.window;
  local.canvas = window.canvas = canvas;
  const auto photo = cut(scene.region, local), mask = cut_mask(scene.mask, local);
  return {local, photo, transplant(donor, photo, mask, window, scene.photo, severity_of(options)), mask};
}

/// What the donor's pixels change in the scene, and what the sampling changes in those: [3, h, w]. Only the
/// latter goes through the autoencoder, so the donor's keep their sharpness. Nor do they go through a canvas
/// smaller than what it shows: the fine texture of the good surface would be left where they lie.
torch::Tensor redrawn_difference(const ldm::CompactModel& model, const Scene& scene, const Donor& donor,
                                 const Look& look, double share, uint64_t seed,
                                 const GenerateOptions& options) {
  const int canvas = scene.local.canvas, fine = std::max(canvas, std::min(scene.local.side, kFinest));
  const auto shown = transplanted(scene, canvas, donor, options);
  const auto device = device_of(model);
  const auto latents = model.autoencoder->encode(torch::stack({shown.before, shown.after}).to(device));
  const auto good = latents.slice(0, 0, 1), from = latents.slice(0, 1, 2);
  const auto flawed =
      sample_latent(model, good, shown.mask.unsqueeze(0), look.tokens, seed, options, {from, share});
  const auto decoded = model.autoencoder->decode(torch::cat({flawed, from}));
  const auto change = (decoded[0] - decoded[1]).to(torch::kCPU);
  if (fine == canvas)
    return scene.in_region(shown.after - shown.before + change, shown.local, options.strength);
  const auto sharp = transplanted(scene, fine, donor, options);
  return scene.in_region(change, shown.local, options.strength) +
         scene.in_region(sharp.after - sharp.before, sharp.local, options.strength);
}

/// Replaces the region of `to` that begins at the box's corner.
void write_region(const Image& region, const Box& box, Image& to) {
  for (int y = 0; y < region.height; y++)
    std::copy_n(&region.values[region.index(0, y)], static_cast<std::size_t>(region.width) * region.channels,
                &to.values[to.index(box.x0, box.y0 + y)]);
}

Mask tightened(const Mask& mask, const Image& good, const Image& made) {
  Mask changed = mask;
  for (std::size_t i = 0; i < mask.values.size(); i++) {
    double most = 0;
    for (int c = 0; c < good.channels; c++) {
      const std::size_t at = i * good.channels + c;
      most = std::max(most, std::abs(static_cast<double>(good.values[at]) - made.values[at]));
    }
    changed.values[i] = mask.values[i] && most * 255 / good.max_value() >= kHardlyChanged;
  }
  changed = kizu::dilate(changed, 1);
  for (std::size_t i = 0; i < mask.values.size(); i++)
    changed.values[i] = changed.values[i] && mask.values[i];
  // Where next to nothing is left the pair is a failure, which the score has to say, not the mask.
  return area(changed) * 4 < area(mask) ? mask : changed;
}

}  // namespace

void GenerateOptions::check() const {
  const auto within = [](double value, double low, double high, const char* name) {
    if (!(value >= low && value <= high)) {
      throw Error(std::string(name) + ": must lie between " + std::to_string(low) + " and " +
                  std::to_string(high));
    }
  };
  within(static_cast<double>(steps), 2, 1000, "--sampler-steps");
  within(eta, 0, 1, "--eta");
  within(guidance, 0, 10, "--guidance");
  within(strength, 0, 10, "--strength");
  if (severity != kByType) within(severity, 0, 10, "--severity");
  within(variety, 0, 4, "--variety");
  within(match, 0, 1, "--match");
  if (from_shots != kByTrial) within(from_shots, 0, 1, "--from-shots");
  within(redraw, 0, 1, "--redraw");
  within(feather, 1, 64, "feather");
}

Look look_for(const TypeEmbedding& type, double variety, NoiseStream& stream) {
  const int64_t count = type.shots.defined() && type.shots.dim() == 3 ? type.shots.size(0) : 0;
  if (count == 0) return {type.tokens, {}};
  const auto one = stream.below(count), other = stream.below(count);
  const double share = 1 - kMostOfAnother * stream.uniform();
  const auto between = [&](const torch::Tensor& each) {
    return share * each[one] + (1 - share) * each[other];
  };
  Look look{type.tokens + variety * between(type.shots), {}};
  if (type.change.defined()) look.change = between(type.change) * stream.uniform(0.85, 1.15);
  return look;
}

torch::Tensor sample_latent(const ldm::CompactModel& model, const torch::Tensor& good,
                            const torch::Tensor& mask, const torch::Tensor& tokens, uint64_t seed,
                            const GenerateOptions& options, const Redraw& redraw) {
  const torch::NoGradGuard no_gradients;
  auto base = model;
  const auto there = good.options();
  const auto at = mask.to(there);
  const auto touched = ldm::touched_latents(at, kBlendRadius);
  const auto conditions =
      condition(base, good, at, tokens.unsqueeze(0).to(there), known_latents(at, options.background));
  ldm::AttentionMap attention{torch::ones_like(touched), 0, conditions.context.size(1),
                              options.reweighting == ReweightMode::kReference};
  const bool reweighted = options.reweighting != ReweightMode::kOff;
  const auto denoise =
      compact_denoiser(model, conditions, options.guidance, reweighted ? &attention : nullptr);

  const auto schedule = schedule_of(model.config);
  const Blending blending(good, touched, schedule, diffusion::noise_per_image({seed}, "blend"));
  Reweighting reweighting(options.reweighting, good, touched);
  const auto reweight = [&](diffusion::SamplerState& state) {
    reweighting.before_step(state);
    if (reweighting.map().defined()) attention.weights = reweighting.map();
  };
  diffusion::Attachments attached;
  attached.before_step = diffusion::in_order({reweight, blending.hook()});
  attached.noise = diffusion::noise_per_image({seed}, "sampler");

  const auto noise = NoiseStream(mix(seed, "start")).normal(good.sizes()).to(there);
  diffusion::SamplerOptions its{options.solver, options.steps, options.eta,
                                diffusion::spacing_for(options.solver)};
  auto start = noise;
  if (redraw.from.defined()) {
    its.last_steps = std::clamp<int64_t>(std::llround(redraw.share * static_cast<double>(options.steps)), 1,
                                         options.steps);
    const auto plan = diffusion::last_of(
        diffusion::sampler_steps(schedule, its.steps, its.spacing, its.ending), its.last_steps);
    const double kept = plan.front().alpha_bar;
    start = std::sqrt(kept) * redraw.from + std::sqrt(1 - kept) * noise;
  }
  return blending.finish(diffusion::sample(denoise, schedule, start, its, attached));
}

GeneratedPair generate_pair(const ldm::CompactModel& model, const TypeEmbedding& type, const Image& good,
                            const Mask& mask, uint64_t seed, const GenerateOptions& options,
                            const Donor& donor) {
  const torch::NoGradGuard no_gradients;
  options.check();
  TORCH_CHECK(mask.width == good.width && mask.height == good.height,
              "generate: mask and photo differ in size");
  GeneratedPair pair{good, mask, Mask::blank(mask.width, mask.height), choose_windows(mask, options.window),
                     seed};
  NoiseStream stream(mix(seed, "appearance"));
  auto look = look_for(type, options.variety, stream);
  auto its = options;
  NoiseStream origin(mix(seed, "origin"));
  const bool redraws = donor.shot && origin.chance(options.from_shots == kByTrial ? 0.5 : options.from_shots);
  if (redraws) {
    look.tokens = type.tokens + options.variety * type.shots[donor.index];
    pair.redrawn = std::clamp(options.redraw + origin.uniform(-0.2, 0.2), 0.0, 1.0);
    its.strength *= std::exp(origin.uniform(-options.spread, options.spread));
  }
  const bool grey = colourless(good);
  const auto parts = divided(mask, pair.windows);
  const Box extent{0, 0, good.width, good.height};
  for (std::size_t i = 0; i < pair.windows.size(); i++) {
    const Window& window = pair.windows[i];
    // Only the window's region becomes tensors: photos may be large.
    const Box box{std::max(0, window.x), std::max(0, window.y), std::min(good.width, window.x + window.side),
                  std::min(good.height, window.y + window.side)};
    const Window local{window.x - box.x0, window.y - box.y0, window.side, window.canvas};
    const Mask part = crop(parts[i], box);
    const Scene scene{to_pm1(crop(good, box)), to_tensor(part), local, window, extent};
    const uint64_t own = mix(seed, "window", i);
    const auto difference = redraws ? redrawn_difference(model, scene, donor, look, pair.redrawn, own, its)
                                    : difference_in(model, scene, look, own, its);
    const auto alpha = feathered(part, options.feather / window.zoom());
    write_region(paste(crop(pair.image, box), difference, alpha, grey), box, pair.image);
    const float* strength = alpha.data_ptr<float>();
    for (int y = 0; y < part.height; y++)
      for (int x = 0; x < part.width; x++)
        if (strength[static_cast<std::size_t>(y) * part.width + x] > 0)
          pair.touched.at(box.x0 + x, box.y0 + y) = 1;
  }
  if (options.tighten) pair.mask = tightened(mask, good, pair.image);
  return pair;
}

CheckedPair generate_checked(const ldm::CompactModel& model, const TypeEmbedding& type, const Image& good,
                             const Mask& mask, uint64_t seed, const GenerateOptions& options,
                             const Standard& standard, int attempts, const Donor& donor) {
  CheckedPair best;
  for (int attempt = 0; attempt < std::max(1, attempts); attempt++) {
    auto pair = generate_pair(model, type, good, mask, attempt == 0 ? seed : mix(seed, "attempt", attempt),
                              options, donor);
    const auto score = score_pair(good, pair.image, pair.mask, standard, donor.pose.in_place);
    if (attempt == 0 || score.passed || score.visible > best.score.visible) {
      best.pair = std::move(pair);
      best.score = score;
    }
    best.attempts = attempt + 1;
    best.dropped = !score.passed;
    if (score.passed) break;
    // Where it is lost in this surface, it is with other seeds too.
    if (score.lost) break;
  }
  return best;
}

}  // namespace kizu::anomaly
