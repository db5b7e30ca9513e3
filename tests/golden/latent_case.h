#pragma once
#include "golden_case.h"
#include "ldm/latent_diffusion.h"

namespace kizu::golden {

/// The autoencoder that a case describes by the constructor values of the reference, without weights.
ldm::Autoencoder make_autoencoder(const nlohmann::json& ddconfig, int64_t embed_dim);
/// The text encoder of a case's config (n_embed, n_layer, ...), with its logits if `logits`.
ldm::TextEncoder make_text_encoder(const nlohmann::json& config, bool logits);

}  // namespace kizu::golden
