#pragma once
#include <vector>

#include "synthetic/noise_field.h"
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// A shape on the pixel grid: how deep inside it a pixel lies, in pixels (negative outside).
struct Shape {
  Plane depth;
  Plane side;   // strokes: -1..1 from one flank to the other; blobs: unused
  Plane along;  // strokes: pixels from the start; blobs: distance from the centre, 0..1

  Shape(int width, int height) : depth(width, height, -1e6f), side(width, height), along(width, height) {}
  int width() const { return depth.width; }
  int height() const { return depth.height; }
};

struct Knot {
  float x, y, radius;
};

/// Draws a line of varying width into the shape; where lines overlap, the deeper wins.
void add_stroke(Shape& shape, const std::vector<Knot>& path);

struct Ellipse {
  float x, y, a, b, angle;
  float ragged = 0;  // how far noise moves the outline, as a share of the radius
  float grain = 1;   // noise cells per radius
  int octaves = 3;
};
/// An ellipse whose outline is pushed in and out by noise.
void add_blob(Shape& shape, const Ellipse& e, const NoiseField& noise);

/// A convex polygon: `sides` half-planes at random distances around the ellipse's outline.
void add_polygon(Shape& shape, const Ellipse& e, int sides, NoiseStream& s);

/// A path from (x, y): steps of `step` px whose direction drifts with `drift` and jumps with `jitter`
/// (radians).
struct Walk {
  float x, y, angle, length, step = 2, drift = 0, jitter = 0;
};
std::vector<Knot> walk_path(const Walk& walk, float radius, NoiseStream& s);
/// Thins the ends of a path over the given share of its length, and varies the width by noise.
void taper(std::vector<Knot>& path, float share, float variation, const NoiseField& noise);

}  // namespace kizu::synthetic
