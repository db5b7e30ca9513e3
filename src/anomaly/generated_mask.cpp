#include "anomaly/generated_mask.h"

#include <algorithm>

namespace kizu::anomaly {

torch::Tensor masks_from_pictures(const torch::Tensor& decoded, const GeneratedMaskOptions& options) {
  return (decoded.mean(1, true) > options.threshold).to(torch::kFloat32);
}

torch::Tensor plausible_masks(const torch::Tensor& masks, const GeneratedMaskOptions& options) {
  const auto set = masks.ne(0).squeeze(1);  // [B, H, W]
  const double limit = options.border_share * static_cast<double>(set.size(2)) + 1e-9;
  auto kept = torch::ones({set.size(0)}, torch::kBool);
  for (const auto& border : {set.select(1, 0), set.select(1, -1), set.select(2, 0), set.select(2, -1)})
    kept &= border.sum(1).to(torch::kCPU) <= limit;
  if (!options.keep_empty) kept &= set.flatten(1).any(1).to(torch::kCPU);
  return kept;
}

}  // namespace kizu::anomaly
