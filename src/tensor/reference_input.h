#pragma once
#include <torch/torch.h>

#include "image/image.h"

namespace kizu {

// What the published code makes of pictures before a network sees them, value for value. A model that was
// trained behind one of these should be used behind the same. Pictures are 8 bits; 16 bits are reduced first.

/// A photo for the diffusion model: RGB, Pillow's bicubic to a square, v / 127.5 - 1. [3, side, side].
torch::Tensor diffusion_photo(const Image& image, int side);
/// A mask file (grey levels, not yet divided) for it: bicubic on floats, / 255, 1 above 0.5. [1, side, side].
torch::Tensor diffusion_mask(const Image& grey, int side);

/// A photo for testing the localizer: OpenCV's bilinear on 8-bit values, / 255. [channels, side, side]; a
/// mask likewise, so that it is fractional at its edges.
torch::Tensor localizer_test_input(const Image& image, int side);
/// A photo for training the localizer: / 255, then bilinear on floats without antialiasing. A mask likewise;
/// the caller takes what is above 0.5.
torch::Tensor localizer_training_input(const Image& image, int side);

/// Pictures [B, C, H, W] or [C, H, W] in [0, 1], of one channel or three, side by side with borders and gaps
/// of 2 black pixels (none around a single one), rounded as torchvision's save_image does.
Image saved_picture(const torch::Tensor& pictures_01);

}  // namespace kizu
