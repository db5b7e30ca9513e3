#pragma once
#include <vector>

#include "image/image.h"

namespace kizu {

/// Resamples an 8-bit picture to the very values that Pillow's bicubic filter gives (a = -0.5, widened when
/// shrinking, 22-bit weights, rounded after each of the two passes), which published models were trained on.
Image resize_as_pillow(const Image& image, int width, int height);

/// The same filter on floats, row-major [height * width], nothing rounded: how Pillow treats a mask.
std::vector<float> resize_as_pillow(const std::vector<float>& values, int from_width, int from_height,
                                    int width, int height);

/// Resamples an 8-bit picture to the very values of OpenCV's bilinear filter (not widened, 11-bit weights).
Image resize_as_opencv(const Image& image, int width, int height);

}  // namespace kizu
