#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "anomaly/concept_file.h"
#include "anomaly/preset.h"
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

/// What the U-Net is to listen to while it paints; of `base` only the text encoder is needed. In training
/// mode the spatial tokens depend on which requests come together, as published; otherwise each row on its
/// request alone. Throws Error for an unknown concept.
Context paint_context(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
                      GradualStyleEncoder encoder, const std::vector<PaintRequest>& requests,
                      const Preset& preset);

/// A synthetic photo and its mask.
struct PaintedPair {
  Image image;  ///< side x side pixels, or the good photo's size where the preset composites
  Mask mask;    ///< of the same size
};
/// Paints the requests together on squares of side x side pixels; the text encoder is not needed any more.
std::vector<PaintedPair> paint_pairs(ldm::LatentDiffusion& base, const Context& context,
                                     const std::vector<PaintRequest>& requests, int64_t side,
                                     const Preset& preset);

/// What the U-Net is to listen to while it draws masks: the contexts of every caption that a mask of some
/// concepts may have, and of the empty one. Made before the first mask, so that the text encoder can go.
class MaskContexts {
 public:
  /// Of `base` only the text encoder is needed. Throws Error for an unknown concept.
  MaskContexts(ldm::LatentDiffusion& base, const LearnedConcepts& concepts,
               const std::vector<std::string>& names, const Preset& preset, WorkerPool& pool);
  /// With a caption [1, L] drawn from `words`.
  const Context& draw(const std::string& concept_name, NoiseStream words) const;
  const Context& nothing() const { return nothing_; }

 private:
  ldm::TextEncoderConfig text_;
  std::shared_ptr<const ldm::Tokenizer> tokenizer_;
  CaptionChoice choice_;
  std::map<std::pair<std::string, std::vector<int64_t>>, Context> contexts_;  ///< by concept and caption
  Context nothing_;
};

/// Masks drawn in one batch; the published code makes as many.
inline constexpr int64_t kMaskBatch = 8;
/// The plausible ones among kMaskBatch masks [side, side] of a concept; `batch` numbers the batches. The rows
/// are sampled by the pool's workers. The text encoder is not needed any more.
std::vector<Mask> sample_masks(ldm::LatentDiffusion& base, const MaskContexts& contexts,
                               const std::string& concept_name, int64_t side, uint64_t seed, int64_t batch,
                               const Preset& preset, WorkerPool& pool);

}  // namespace kizu::anomaly
