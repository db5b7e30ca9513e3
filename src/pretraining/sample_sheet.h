#pragma once
#include <filesystem>

#include "pretraining/pretrain.h"

namespace kizu::pretraining {

/// Pictures and what the autoencoder makes of them, side by side.
void draw_reconstructions(ldm::CompactModel& model, const TripleStore& triples,
                          const std::filesystem::path& file);

/// Rows of: good picture, procedural defect whose appearance is copied, mask, generated with blending,
/// generated without. The defects go onto other surfaces than they came from.
void draw_samples(ldm::CompactModel& model, const TripleStore& triples, uint64_t seed,
                  const std::filesystem::path& file);

}  // namespace kizu::pretraining
