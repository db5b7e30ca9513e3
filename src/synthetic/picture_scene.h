#pragma once
#include "synthetic/lighting.h"
#include "synthetic/parts.h"
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

/// Lays a part made of `body` onto the scene, with its shadow; the part becomes foreground.
void lay_part(Scene& scene, const Part& part, Material body, const Light& light, NoiseStream& s);

}  // namespace kizu::synthetic
