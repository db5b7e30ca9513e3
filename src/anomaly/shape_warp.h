#pragma once
#include <array>
#include <utility>
#include <vector>

#include "anomaly/mask_variation.h"

namespace kizu::anomaly {

struct Point {
  double x = 0, y = 0;
};

/// A smooth random displacement: a cubic B-spline surface over normal numbers on a coarse grid.
class Bending {
 public:
  /// `strength` as a share of the mask's longer side.
  Bending(const Mask& mask, double strength, NoiseStream& stream);
  Point at(Point p) const;

 private:
  double spacing_ = 1;
  int columns_ = 0, rows_ = 0;
  std::vector<Point> nodes_;
};

/// How a variation moves the points of a stencil: its components step apart, then p -> anchor + A (p +
/// bending(p) - anchor), A being flip, then scale and rotation. Points are in px of source().mask.
class ShapeWarp {
 public:
  ShapeWarp(const Stencil& stencil, const Variation& variation);

  /// The stencil with its components moved, in an empty frame.
  const Stencil& source() const { return source_; }
  Point forward(Point p) const;
  /// Without the bending.
  Point straight(Point p) const { return applied(matrix_, p); }
  Point backward(Point q) const;
  /// Which point of the stencil comes to lie at `q`, both as offsets from their anchors. Around the shape
  /// too: there a point follows the nearest component.
  Point origin(Point q) const;

 private:
  void scatter(const Stencil& stencil, double strength, NoiseStream& stream);
  Point applied(const std::array<double, 4>& m, Point p) const;
  std::pair<int, int> step_at(Point offset) const;

  Stencil source_;
  std::vector<std::pair<int, int>> steps_;  // of each component
  std::vector<int> owner_;                  // component at or nearest to each px of a field around source_
  int owner_width_ = 0;
  Point owner_anchor_;
  std::vector<Bending> bending_;  // one
  std::array<double, 4> matrix_{}, inverse_{};
};

}  // namespace kizu::anomaly
