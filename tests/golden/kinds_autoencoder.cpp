#include "latent_case.h"
#include "ldm/autoencoder.h"
#include "module_case.h"

namespace kizu::golden {
namespace {

void run_attn_block(Case& c) {
  run_unary(c, ldm::AutoencoderAttention(c.config().at("in_channels").get<int64_t>()));
}
KIZU_GOLDEN_KIND("layers.vae_attn_block", run_attn_block);

void run_resnet_block(Case& c) {
  const int64_t channels = c.config().at("in_channels");
  run_unary(c, ldm::AutoencoderResBlock(channels, c.config().value("out_channels", channels)));
}
KIZU_GOLDEN_KIND("layers.vae_resnet_block", run_resnet_block);

void run_downsample(Case& c) {
  run_unary(c, ldm::AutoencoderDownsample(c.config().at("in_channels").get<int64_t>()));
}
KIZU_GOLDEN_KIND("layers.vae_downsample", run_downsample);

void run_upsample(Case& c) {
  const int64_t channels = c.config().at("in_channels");
  run_unary(c, ldm::Upsample(channels, channels));
}
KIZU_GOLDEN_KIND("layers.vae_upsample", run_upsample);

/// Mean, logvar, std, var and mode, and the sample with the case's noise.
void compare_posterior(Case& c, const ldm::DiagonalGaussian& posterior) {
  c.compare("mean", posterior.mean());
  c.compare("logvar", posterior.logvar());
  c.compare("std", posterior.std());
  if (c.has("var")) c.compare("var", posterior.var());
  c.compare("mode", posterior.mode());
  c.compare("sample", posterior.sample(c.tensor("noise")));
  c.compare("kl", posterior.kl());
}

void run_gaussian(Case& c) {
  const ldm::DiagonalGaussian posterior(c.tensor("moments"));
  compare_posterior(c, posterior);
  c.compare("kl_other", posterior.kl(ldm::DiagonalGaussian(c.tensor("other_moments"))));
  c.compare("nll_of_noise", posterior.nll(c.tensor("noise")));
}
KIZU_GOLDEN_KIND("vae.gaussian", run_gaussian);

void run_autoencoder(Case& c) {
  const torch::NoGradGuard no_grad;
  ldm::LatentDiffusion model;
  model.config.scale_factor = c.config().at("scale_factor");
  model.autoencoder = make_autoencoder(c.config().at("ddconfig"), c.config().at("embed_dim"));
  c.load(*model.autoencoder, "weights", ldm::kAutoencoderPrefix);
  const auto image = c.tensor("image"), noise = c.tensor("noise");
  c.compare("moments", model.autoencoder->moments(image));
  const auto posterior = model.autoencoder->encode(image);
  compare_posterior(c, posterior);
  c.compare("z", model.encode(image, noise));
  c.compare("decoded", model.decode(c.tensor("z_in")));
  c.compare("reconstruction", model.autoencoder->decode(posterior.sample(noise)));
}
KIZU_GOLDEN_KIND("vae", run_autoencoder);

}  // namespace
}  // namespace kizu::golden
