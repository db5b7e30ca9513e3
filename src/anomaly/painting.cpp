#include "anomaly/painting.h"

#include "anomaly/blending.h"
#include "anomaly/textual_inversion.h"
#include "tensor/noise.h"

namespace kizu::anomaly {
namespace {

torch::Tensor reweighted_columns(const Context& context, ReweightedTokens which) {
  const int64_t length = context.tokens.size(1);
  if (which == ReweightedTokens::kAll) return torch::ones({context.tokens.size(0), length}, torch::kBool);
  return token_columns(context.ranges, length, which == ReweightedTokens::kInsertedAndFirst);
}

torch::Tensor first_draw(const std::vector<uint64_t>& seeds, const char* purpose, at::IntArrayRef latent) {
  std::vector<torch::Tensor> rows;
  for (const auto seed : seeds) rows.push_back(NoiseStream(mix(seed, purpose)).normal(latent));
  return torch::stack(rows);
}

}  // namespace

SamplingDraws sampling_draws(const std::vector<uint64_t>& seeds, at::IntArrayRef latent) {
  return {first_draw(seeds, "posterior", latent), first_draw(seeds, "x_T", latent),
          diffusion::noise_per_image(seeds, "known"), diffusion::noise_per_image(seeds, "step")};
}

Painted paint(ldm::LatentDiffusion& base, const torch::Tensor& pictures, const torch::Tensor& masks,
              const Context& context, const SamplingDraws& draws, const PaintOptions& options) {
  const torch::NoGradGuard no_grad;
  options.sampler.check();
  const auto device = context.tokens.device();
  const auto noise = options.posterior_mode ? torch::zeros_like(draws.posterior) : draws.posterior;
  Painted out;
  out.z_0 = base.encode(pictures.to(device), noise.to(device)).to(torch::kFloat32);
  out.mask = latent_mask(masks.to(device), out.z_0.size(2), out.z_0.size(3), options.mask_resize);

  const auto schedule = schedule_of(base.config);
  const auto columns = reweighted_columns(context, options.reweighted_tokens).to(device);
  const Blending blending(out.z_0, out.mask, schedule, draws.known,
                          {options.dilate_early, options.final_blend});
  PixelView pixels;
  if (options.reweight_by_pixels)
    pixels = {[&](const torch::Tensor& latent) { return base.decode(latent); }, pictures.to(device),
              masks.to(device)};
  Reweighting reweighting(options.reweighting, out.z_0, out.mask, options.dilate_early, options.paper_map,
                          pixels);
  const diffusion::Denoiser denoise = [&](const torch::Tensor& x, const torch::Tensor& t) {
    const bool weighted = reweighting.map().defined();
    const ldm::AttentionWeights weights{reweighting.map(), columns,
                                        options.reweighting == ReweightMode::kReference};
    return base.predict(x, t, context.tokens, weighted ? &weights : nullptr);
  };
  diffusion::Attachments attached;
  attached.before_step = diffusion::in_order({reweighting.hook(), blending.hook()});
  attached.noise = draws.step;
  out.latent =
      blending.finish(diffusion::sample(denoise, schedule, draws.x_T.to(device), options.sampler, attached));
  return out;
}

torch::Tensor sample_mask_latents(ldm::LatentDiffusion& base, const Context& context,
                                  const Context& unconditional, const SamplingDraws& draws,
                                  const MaskSamplingOptions& options) {
  const torch::NoGradGuard no_grad;
  options.sampler.check();
  const auto led_by = [&base](const Context& by) -> diffusion::Denoiser {
    return [&base, tokens = by.tokens](const torch::Tensor& x, const torch::Tensor& t) {
      return base.predict(x, t, tokens);
    };
  };
  diffusion::Attachments attached;
  attached.noise = draws.step;
  return diffusion::sample(diffusion::guided(led_by(context), led_by(unconditional), options.guidance),
                           schedule_of(base.config), draws.x_T.to(context.tokens.device()), options.sampler,
                           attached);
}

}  // namespace kizu::anomaly
