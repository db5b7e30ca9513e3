#pragma once
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// The outline and the body of a part in the picture.
struct Part {
  Plane depth;                   // signed distance to the outline in pixels, positive inside
  Plane relief;                  // height of the body in pixels; its slope makes the shading
  float axis = 0;                // direction of the part in radians; brushed metal runs along it
  float x = 0, y = 0, size = 0;  // centre and half length in pixels
};

enum class PartShape { disk, ring, plate, polygon, nut, ovoid, gear, thread, leads, body, array };

/// Where a part is to lie; drawn at random where a number is negative.
struct PartPlace {
  float x = -1, y = -1;  // pixels
  float size = -1;       // half length in pixels
  float axis = -1;       // radians
};

PartShape any_shape(NoiseStream& s);
/// A part of the given shape, with proportions, bevel and profile of its own. Most of it is in the picture.
Part draw_part(NoiseStream& s, int width, int height, PartShape shape, PartPlace place = {});
/// A plate whose one to four straight edges cross the picture.
Part draw_plate_edges(NoiseStream& s, int width, int height);

}  // namespace kizu::synthetic
