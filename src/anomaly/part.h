#pragma once
#include <vector>

#include "anomaly/foreground.h"
#include "image/masks.h"

namespace kizu::anomaly {

/// The part with what is asked of it again and again.
struct Part {
  explicit Part(Layout of);

  Mask mask;
  Box box;
  double left = 0, top = 0;  // where its coordinates begin
  bool whole = false;
  std::vector<int> depth;
  int deepest = 1;

 private:
  void relax(int x, int y, int step);
};

/// The given layout, or all of the photo where it says nothing.
Part part_of(const Layout& layout, int width, int height);

/// A shape at a place: the photo's pixel of the shape's pixel (0, 0).
struct Placed {
  int x = 0, y = 0;
};

/// How a mask lies on its part.
struct Seat {
  double u = 0.5, v = 0.5;  // its anchor in the part's bounding box
  double depth = 0;         // mean distance to the part's outline, in parts of the greatest
  double inside = 1;        // share of it that is on the part
};

/// `anchor` is a pixel of the shape. What hangs over the photo's border does not count.
Seat seat_of(const Mask& shape, Placed at, const Part& part, double anchor_x, double anchor_y);

/// How far the shapes of the shots are to be enlarged for this photo. A surface is taken to be photographed
/// at one scale; a part that appears larger has larger defects.
double photo_scale(const Part& from, const Part& to, const Arrangement& arrangement);

}  // namespace kizu::anomaly
