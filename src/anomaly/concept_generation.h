#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "anomaly/concept_file.h"
#include "anomaly/preset.h"
#include "core/observer.h"
#include "image/image.h"
#include "ldm/latent_diffusion.h"

namespace kizu::anomaly {

/// A defect to be painted: which, onto what, where.
struct PaintRequest {
  std::string concept_name;
  Image good;
  Image mask;  ///< grey levels, defect above the half; any size
  uint64_t seed = 0;
};

/// Requests made ready for the U-Net: after this the text encoder and the spatial encoder are not needed any
/// more (ldm::LatentDiffusion::release_text).
struct PreparedPaints {
  torch::Tensor pictures;  ///< [B, 3, side, side] in [-1, 1]
  torch::Tensor masks;     ///< [B, 1, side, side] of 0 and 1
  Context context;
  std::vector<uint64_t> seeds;
};

/// In training mode the spatial tokens depend on which requests come together, as published; otherwise each
/// row on its request alone. Throws Error for an unknown concept.
PreparedPaints prepare_paints(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                              GradualStyleEncoder encoder, const std::vector<PaintRequest>& requests,
                              const Preset& preset);

/// A synthetic photo and its mask.
struct PaintedPair {
  Image image;  ///< the base's size, or the good photo's where the preset composites
  Mask mask;    ///< of the same size
  uint64_t seed = 0;
};
std::vector<PaintedPair> paint_pairs(ldm::LatentDiffusion& base, const PreparedPaints& prepared,
                                     const std::vector<PaintRequest>& requests, const Preset& preset);

/// `count` new masks [side, side] of a concept, in batches of 8 until enough are plausible. Throws Error when
/// hardly any is.
std::vector<Mask> generate_masks(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                                 const std::string& concept_name, int64_t count, int64_t side, uint64_t seed,
                                 const Preset& preset, Observer& observer);

/// Writes stem.png with `texts` or, where the preset says so, as published, stem.jpg; returns which.
std::filesystem::path write_picture(const std::filesystem::path& stem, const Image& image,
                                    const Preset& preset, const std::map<std::string, std::string>& texts);
std::filesystem::path write_mask(const std::filesystem::path& stem, const Mask& mask, const Preset& preset);

}  // namespace kizu::anomaly
