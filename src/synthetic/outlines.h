#pragma once
#include "synthetic/noise_field.h"
#include "synthetic/parts.h"

namespace kizu::synthetic {

/// Numbers of one outline; lengths in pixels. Each shape reads what it needs.
struct Outline {
  PartShape shape = PartShape::disk;
  float a = 1, b = 1;  // half lengths along and across
  float corner = 0;    // rounding radius, or the radius of the hole
  float depth = 1;     // tooth or thread height, half width of a lead
  int count = 6;       // teeth, corners, leads
  float wobble = 0;    // irregularity of organic outlines, spread of leads
  float pitch = 1;     // distance of the members of an array
};

/// Signed distance to the outline at (x, y) in the part's own axes, positive inside; near enough to exact for
/// bevels and antialiasing.
float outline_depth(const Outline& o, const NoiseField& noise, float x, float y);

/// Draws the proportions of an outline of the given shape and half length.
Outline draw_outline(NoiseStream& s, PartShape shape, float size);

}  // namespace kizu::synthetic
