#pragma once
#include "image/image.h"
#include "tensor/noise.h"

namespace kizu::anomaly {

/// Which borders of its photo a defect touches.
struct Sides {
  bool left = false, top = false, right = false, bottom = false;
  bool span_x() const { return left && right; }
  bool span_y() const { return top && bottom; }
  bool across() const { return left || right; }
  bool down() const { return top || bottom; }
  bool any() const { return across() || down(); }
};

/// The shape of a defect, cut out of its photo. Where it touched the photo's border it goes on a little
/// beyond, so that it can be turned and still reach the border.
struct Stencil {
  Mask mask;
  double anchor_x = 0,
         anchor_y = 0;  // the point that is placed, in px of `mask`; on a touched border, else the centre
  double photo_x = 0, photo_y = 0;  // where that point was in the shot
  int beyond = 0;                   // px that `mask` goes on beyond each border that is touched
  Sides touches;
  Sides near;                // without touching it, so close to a border that this is hardly chance
  int gap_x = 0, gap_y = 0;  // px to that border
};

/// `loose`: as if it touched no border and were close to none, to be laid anywhere. Throws std::logic_error
/// for an empty mask.
Stencil cut_out(const Mask& mask, bool loose = false);

struct VariationOptions {
  bool flips = true;
  double rotation = 20;  // degrees to either side; 180 turns freely (only where direction means nothing)
  double smallest = 0.8, largest = 1.25;
  double elastic = 0.06;  // bending, as a share of the longer side
  double jitter = 0.06;   // how far components move apart, as a share of the longer side

  /// Throws Error naming the option.
  void check() const;
};

struct Variation {
  bool flip_x = false, flip_y = false;
  double angle = 0;  // degrees
  double scale = 1;
  double stretch_x = 1, stretch_y = 1;  // on top of the scale, along the shot's axes
  double elastic = 0, jitter = 0;
  uint64_t seed = 0;  // of the bending and the jitter
};

/// Stencils that touch a border are turned by no more than 5 degrees.
Variation draw_variation(const Stencil& stencil, NoiseStream& stream, const VariationOptions& options);

/// Flips, bends, scales and turns the shape about its anchor. Strokes keep their width however they are
/// scaled: lines of one or two pixels never break. Never empty.
Stencil vary(const Stencil& stencil, const Variation& variation);

}  // namespace kizu::anomaly
