#pragma once
#include <string>
#include <string_view>

#include "image/container.h"
#include "image/image.h"

namespace kizu {

/// Pixels of a file whose container has been checked; throws Error beginning with `name`. The one seam to the
/// picture library for reading: opencv.cpp in builds with OpenCV, bare.cpp without, where nothing can be
/// read.
Image decode(std::string_view bytes, const Container& container, const std::string& name);

/// False in builds without OpenCV: no picture can be read, no JPEG made, nothing inpainted.
bool can_decode();

}  // namespace kizu
