#pragma once
#include "synthetic/material.h"

namespace kizu::synthetic {

/// One lamp and what the room adds.
struct Light {
  float x = 0, y = 0, z = 1;  // unit vector towards the lamp
  float ambient = 0.3f;
  Colour tint{1, 1, 1};
};
Light draw_light(NoiseStream& s);

/// Lambert and Blinn-Phong on the relief: albedo * (ambient + diffuse) + highlight, scaled so that a flat
/// surface keeps its albedo.
Picture shade(const Material& material, const Light& light);

/// Uneven illumination over the whole picture: gradient, vignette, a bright or dark spot, bands.
void light_field(Picture& picture, NoiseStream& s);

}  // namespace kizu::synthetic
