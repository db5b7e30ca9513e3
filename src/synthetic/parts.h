#pragma once
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// The outline and the body of a part in the picture.
struct Part {
  Plane depth;     // signed distance to the outline in pixels, positive inside
  Plane relief;    // height of the body in pixels; its slope makes the shading
  float axis = 0;  // direction of the part in radians; brushed metal runs along it
};

/// A part on a background: disk, ring, rounded plate, hexagon nut, capsule, nut-like ovoid, bottle, rod with
/// thread, gear, case with leads. Size and place drawn so that most of it is in the picture.
Part draw_part(NoiseStream& s, int width, int height);
/// A plate whose one to four straight edges cross the picture.
Part draw_plate_edges(NoiseStream& s, int width, int height);

}  // namespace kizu::synthetic
