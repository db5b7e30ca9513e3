#pragma once
#include <optional>

#include "anomaly/mask_variation.h"
#include "anomaly/part.h"
#include "tensor/noise.h"

namespace kizu::anomaly {

/// Finds a place for one shape on one photo. Keeps references to what it is given.
class Placement {
 public:
  Placement(const Stencil& shape, const Seat& wanted, const Part& part, const Arrangement& arrangement)
      : shape_(shape), wanted_(wanted), part_(part), arrangement_(arrangement) {}

  /// The best of some places, or none when the shape cannot lie in the photo.
  std::optional<Placed> find(NoiseStream& stream) const;

 private:
  int width() const { return part_.mask.width; }
  int height() const { return part_.mask.height; }
  std::optional<Placed> placed(double x, double y) const;
  std::optional<Placed> nearby(NoiseStream& stream, double spread) const;
  std::optional<Placed> drawn(NoiseStream& stream) const;

  const Stencil& shape_;
  const Seat& wanted_;
  const Part& part_;
  const Arrangement& arrangement_;
};

}  // namespace kizu::anomaly
