#pragma once
#include "ldm/latent_diffusion.h"

namespace kizu::bench {

/// Gives every parameter of a network made in ldm::WithoutWeights a value of the size that training leaves
/// (normal, variance 1 / fan in; norms 1, biases 0), in seconds: pieces of one table of random numbers.
void fill_cheaply(torch::nn::Module& network);

/// Convolutions and linear layers keep their weights in this type.
void keep_weights_in(torch::nn::Module& network, torch::ScalarType type);

ldm::UNet full_unet();
/// With weights kept in 16 bits.
ldm::UNet half_unet();
ldm::Autoencoder half_autoencoder();
ldm::Autoencoder full_autoencoder();
ldm::TextEncoder full_text_encoder();
ldm::TextEncoder random_text_encoder(const ldm::TextEncoderConfig& config);

}  // namespace kizu::bench
