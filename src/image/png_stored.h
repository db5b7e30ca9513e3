#pragma once
#include <string>

#include "image/image.h"

namespace kizu {

/// A PNG whose pixels are stored, not compressed: needs no library, for builds without OpenCV.
std::string encode_stored_png(const Image& image);

}  // namespace kizu
