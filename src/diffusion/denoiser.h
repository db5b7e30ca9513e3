#pragma once
#include <torch/torch.h>

#include <functional>

#include "diffusion/schedule.h"

namespace kizu::diffusion {

/// A denoiser is a function: noisy latent x_t [B, C, H, W] and time steps t [B] (int64, 0..T-1) -> predicted
/// noise eps [B, C, H, W]. Whoever makes it captures context, guidance and attention weights.
using Denoiser = std::function<torch::Tensor(const torch::Tensor& x_t, const torch::Tensor& t)>;

/// A denoiser made of a function that predicts v instead of eps.
Denoiser from_v_prediction(Denoiser predicts_v, const Schedule& schedule);

/// Classifier-free guidance (Ho & Salimans 2022): eps_u + scale (eps_c - eps_u); scale 1 calls `conditional`
/// alone.
Denoiser guided(Denoiser conditional, Denoiser unconditional, double scale);

}  // namespace kizu::diffusion
