#pragma once
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// A finished photo without defects and where the part is in it.
struct Scene {
  Picture photo;     // 0..1, 8-bit levels
  Plane foreground;  // 1 on the part, 0 on the background; all 1 where a surface fills the picture
  bool grey = false;
};

/// Draws material, part, light and camera from the seed.
Scene draw_scene(uint64_t seed, int width, int height);

}  // namespace kizu::synthetic
