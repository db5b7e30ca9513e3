#include "unet_case.h"

#include <stdexcept>

#include "ldm/latent_config.h"

namespace kizu::golden {

ldm::UNet make_unet(const nlohmann::json& config) {
  // What only one value of is supported, because no published model has another.
  const nlohmann::json fixed = {{"use_spatial_transformer", true},
                                {"conv_resample", true},
                                {"dims", 2},
                                {"use_scale_shift_norm", false},
                                {"resblock_updown", false}};
  for (const auto& [name, value] : fixed.items())
    if (config.contains(name) && config.at(name) != value)
      throw std::runtime_error("U-Net with " + name + " = " + config.at(name).dump() + " is not supported");
  ldm::UNetConfig c;
  c.in_channels = config.at("in_channels");
  c.out_channels = config.at("out_channels");
  c.model_channels = config.at("model_channels");
  c.num_res_blocks = config.at("num_res_blocks");
  c.channel_mult = config.at("channel_mult").get<std::vector<int64_t>>();
  c.attention_resolutions = config.at("attention_resolutions").get<std::set<int64_t>>();
  c.num_heads = config.value("num_heads", -1);
  c.num_head_channels = config.value("num_head_channels", -1);
  c.transformer_depth = config.value("transformer_depth", 1);
  c.context_dim = config.at("context_dim");
  return ldm::UNet(c);
}

ldm::UNet load_unet(const Case& c) {
  auto unet = make_unet(c.config().at("unet"));
  c.load(*unet, c.json().contains("unet_weights") ? "unet_weights" : "weights", ldm::kUNetPrefix);
  for (auto& parameter : unet->parameters()) parameter.set_requires_grad(false);
  return unet;
}

diffusion::Schedule make_schedule(const nlohmann::json& config) {
  diffusion::ScheduleConfig schedule;
  schedule.beta_start = config.value("linear_start", schedule.beta_start);
  schedule.beta_end = config.value("linear_end", schedule.beta_end);
  schedule.steps = config.value("timesteps", schedule.steps);
  return diffusion::Schedule(schedule);
}

diffusion::Denoiser denoiser(ldm::UNet unet, torch::Tensor context) {
  return [unet, context](const torch::Tensor& x, const torch::Tensor& t) mutable {
    return unet->forward(x, t, context);
  };
}

diffusion::NoiseSource given_noise(torch::Tensor draws) {
  return [draws](int64_t step, at::IntArrayRef) { return draws[step]; };
}

}  // namespace kizu::golden
