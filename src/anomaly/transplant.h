#pragma once
#include <torch/torch.h>

#include "anomaly/mask_variation.h"
#include "anomaly/scoring.h"
#include "anomaly/window.h"
#include "core/json.h"

namespace kizu::anomaly {

/// How a shot's defect was moved to become a new mask: varied about the anchor of its stencil
/// (mask_variation.h), then shifted by dx, dy px.
struct Pose {
  Variation variation;
  double dx = 0, dy = 0;
  bool loose = false;     // cut off the border that it touched in its shot
  bool in_place = false;  // onto the piece of the product on which it was in its shot (surroundings.h)

  /// From the origin that make_mask records. Throws Error when an entry is missing, but for loose and
  /// in_place, which older masks do not have: false.
  static Pose of(const Json& origin);
};

/// A real defect to start a pair from.
struct Donor {
  const Shot* shot = nullptr;
  int64_t index = 0;  // of the shot within its type
  Pose pose;
};

/// The good photo's window [3, canvas, canvas] (in [-1, 1]) with the donor's pixels laid into the mask
/// [1, canvas, canvas], bent as the mask is, and brought to the brightness of the surroundings, channel by
/// channel, with a contrast that grows with the light (light_of). Around the mask what
/// the donor shows of its defect fades out within 4 px of the photo; beyond that nothing changes. `window` is
/// in px of the photo, whose extent is `photo`: beyond it, or beyond the shot, no light is compared.
/// `severity` multiplies the mean contrast to what lies around.
torch::Tensor transplant(const Donor& donor, const torch::Tensor& good, const torch::Tensor& mask,
                         const Window& window, const Box& photo, double severity = 1);

}  // namespace kizu::anomaly
