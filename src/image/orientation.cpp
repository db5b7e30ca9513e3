#include "image/orientation.h"

namespace kizu {

Image oriented(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool swapped = orientation >= 5;
  Image out = Image::blank(swapped ? image.height : image.width, swapped ? image.width : image.height,
                           image.channels, image.depth);
  // In stored coordinates: columns counted from the right, rows from the bottom.
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int y = 0; y < out.height; y++)
    for (int x = 0; x < out.width; x++) {
      int u = swapped ? y : x, v = swapped ? x : y;
      if (from_right) u = image.width - 1 - u;
      if (from_bottom) v = image.height - 1 - v;
      for (int c = 0; c < image.channels; c++) out.at(x, y, c) = image.at(u, v, c);
    }
  return out;
}

}  // namespace kizu
