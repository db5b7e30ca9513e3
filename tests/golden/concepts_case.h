#pragma once
#include "anomaly/concepts.h"
#include "golden_case.h"
#include "ldm/latent_diffusion.h"

namespace kizu::golden {

/// The base of a case whose config describes a U-Net, a text encoder and perhaps an autoencoder, with the
/// weights of the case.
ldm::LatentDiffusion load_base(const Case& c);
/// The embeddings of a case, "embedding.<name>", and its stand-in for the spatial encoder; all learn.
anomaly::Concepts load_concepts(const Case& c);
/// The stand-in alone: mean over an 8 x 8 grid of cells, flattened, times weight^T plus bias.
anomaly::SpatialTokens stand_in(torch::Tensor weight, torch::Tensor bias, int64_t width);
/// Ids [texts, max_length].
torch::Tensor ids_of(const std::vector<std::string>& texts, int64_t max_length);

}  // namespace kizu::golden
