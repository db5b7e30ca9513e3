#pragma once
#include <string>

#include "image/image.h"

namespace kizu {

/// A PNG whose pixels are stored, not compressed: needs no library, for builds without OpenCV.
std::string encode_stored_png(const Image& image);
/// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
std::string stored_zlib(const std::string& bytes);

}  // namespace kizu
