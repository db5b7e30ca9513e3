#pragma once
#include "ldm/latent_diffusion.h"

namespace kizu::bench {

/// Gives every parameter of a network made in ldm::WithoutWeights a value of the size that training leaves
/// (normal, variance 1 / fan in; norms 1, biases 0), in seconds: pieces of one table of random numbers.
void fill_cheaply(torch::nn::Module& network);

ldm::UNet full_unet();
ldm::Autoencoder full_autoencoder();
ldm::TextEncoder full_text_encoder();

}  // namespace kizu::bench
