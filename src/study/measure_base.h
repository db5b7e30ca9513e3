#pragma once
#include <filesystem>

#include "core/json.h"
#include "core/observer.h"
#include "pipeline/workspace.h"

namespace kizu::study {

/// What a base model is worth on good photos it never saw.
struct BaseMeasure {
  int64_t photos = 0;
  double psnr = 0;       // of the autoencoder, dB, mean over photos
  double alignment = 0;  // AUROC of |made - good| as a predictor of the mask, painted without blending
  double alignment_blended = 0;    // the same with blending
  double inside = 0, outside = 0;  // mean |made - good| of 255 without blending
};
Json to_json(const BaseMeasure& measure);

/// Scales each good training photo of `category` so that its short side is 256 px, takes the middle 256 x
/// 256, reconstructs it, and paints procedural defects (unseen appearances and masks) onto up to `painted` of
/// them. `sheet` (if not empty) shows them: good, source of the appearance, mask, blended, unblended.
BaseMeasure measure_base(const std::filesystem::path& model, const std::filesystem::path& data,
                         const std::string& category, int64_t painted, uint64_t seed,
                         const std::filesystem::path& sheet, Observer& observer);

}  // namespace kizu::study
