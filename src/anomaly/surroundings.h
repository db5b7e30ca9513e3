#pragma once
#include <vector>

#include "anomaly/foreground.h"

namespace kizu::anomaly {

/// What lies around a defect in its shot, to be found again on a good photo: a cut lead belongs where that
/// photo has its lead, not where the shot had it.
class Surroundings {
 public:
  /// `mask` in the size of the shot, `anchor` a point of it in px. Nothing to find without shot.look.
  Surroundings(const Layout& shot, const Mask& mask, double anchor_x, double anchor_y);

  struct Fit {
    double dx = 0, dy = 0;  // from the anchor in the shot to its place on the photo, px of the photo
    double unlike = 1;      // squared difference there, in parts of its mean over all places tried
  };

  /// The best place within a twenty-fifth of the photo's longer side of the shift (dx, dy). `scale`: from the
  /// shot to the photo. A difference in brightness as a whole does not count.
  Fit on(const Layout& photo, double scale, double dx, double dy) const;

 private:
  struct Point {
    double x = 0, y = 0;  // from the anchor, px of the shot
    double value = 0;
  };
  double unlike(const Image& look, double x, double y, double step) const;

  double anchor_x_, anchor_y_;
  std::vector<Point> points_;
};

}  // namespace kizu::anomaly
