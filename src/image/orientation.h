#pragma once
#include "image/image.h"

namespace kizu {

/// The picture as EXIF orientation 1..8 says it is to be shown (TIFF 6.0, tag 274).
Image oriented(Image image, int orientation);

}  // namespace kizu
