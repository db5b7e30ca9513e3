#pragma once
#include "diffusion/denoiser.h"
#include "diffusion/sampling.h"
#include "golden_case.h"
#include "ldm/unet.h"

namespace kizu::golden {

/// The U-Net that a case describes in `config` (the constructor values of the reference), without weights.
ldm::UNet make_unet(const nlohmann::json& config);
/// The U-Net of a case whose config has an entry "unet", with the weights of the case.
ldm::UNet load_unet(const Case& c);
/// The schedule of a case's config; the text-to-image model's where the config says nothing.
diffusion::Schedule make_schedule(const nlohmann::json& config);
/// The network with this context as a denoiser.
diffusion::Denoiser denoiser(ldm::UNet unet, torch::Tensor context);
/// The draws [steps, ...] of a case, in their order.
diffusion::NoiseSource given_noise(torch::Tensor draws);

}  // namespace kizu::golden
