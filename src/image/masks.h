#pragma once
#include <vector>

#include "image/image.h"

namespace kizu {

/// Half-open rectangle of pixels: x0 <= x < x1, y0 <= y < y1.
struct Box {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
};

/// A connected region of a mask (8-connected).
struct Component {
  Box box;
  long long area = 0;
  double center_x = 0, center_y = 0;
};

long long area(const Mask& mask);
/// From 0 to 1; 0 of an empty mask too.
double share_of_photo(const Mask& mask);
Box bounding_box(const Mask& mask);
/// Labels 8-connected regions. `labels` (if given) receives 0 for background and 1..n, row-major.
std::vector<Component> components(const Mask& mask, std::vector<int>* labels = nullptr);
/// Square dilation / erosion of the given radius in pixels (0 = unchanged).
Mask dilate(const Mask& mask, int radius);
Mask erode(const Mask& mask, int radius);
/// Pixels outside `radius` px of the mask and within `radius + width` px: the ring around a defect.
Mask ring(const Mask& mask, int radius, int width);
/// Area resampling; a pixel is set when at least `threshold` of it is covered. No region vanishes at 0+.
Mask resize(const Mask& mask, int width, int height, double threshold = 0.5);
Mask crop(const Mask& mask, const Box& box);

}  // namespace kizu
