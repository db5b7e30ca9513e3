#pragma once
#include <string>
#include <string_view>

#include "image/image.h"

namespace kizu {

/// Decodes with libjpeg itself, which (unlike OpenCV around it) can be asked whether the pixels were damaged,
/// and is silent. One or three channels, not turned. Throws Error beginning with `name`.
Image decode_jpeg(std::string_view bytes, int width, int height, int channels, const std::string& name);

}  // namespace kizu
