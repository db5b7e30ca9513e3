#pragma once
#include <vector>

#include "image/image.h"
#include "image/masks.h"

namespace kizu {

/// Area averaging when shrinking, bicubic when enlarging. Keeps channels and depth.
Image resize(const Image& image, int width, int height);
Image crop(const Image& image, const Box& box);
Image to_rgb(const Image& image);
Image to_grey(const Image& image);
/// 8 bits, for pages and pictures to look at.
Image to_8bit(const Image& image);
/// Telea inpainting of the masked pixels (16-bit pictures are inpainted at 8 bits and rescaled).
Image inpaint(const Image& image, const Mask& mask, double radius);
/// Colours the outline and tints the inside of the mask (RGB result).
Image overlay(const Image& image, const Mask& mask, int red, int green, int blue);
/// Pictures in rows of `columns`, each scaled to fit cell x cell, with `gap` px between.
Image contact_sheet(const std::vector<Image>& images, int columns, int cell, int gap = 4);

}  // namespace kizu
