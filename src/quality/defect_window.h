#pragma once
#include <torch/torch.h>

#include "image/masks.h"

namespace kizu::quality {

/// A photo with a defect, real or made.
struct DefectPicture {
  Image image;
  Mask mask;  // of the same size, not empty
};

/// The part of the photo around the defect that every measure of it looks at: large photos need not be kept.
DefectPicture neighbourhood(const DefectPicture& picture);

/// The square around a defect, resampled: what networks are shown of it.
struct DefectWindow {
  torch::Tensor image;  // [3, side, side] in [0, 1]
  torch::Tensor mask;   // [1, side, side] of 0 and 1, not empty
};

/// The square is 1.25 times the longer side of the mask's bounding box, at least 16 px; beyond the photo its
/// border is repeated. Area averaging when it is shrunk, bicubic when enlarged.
DefectWindow defect_window(const DefectPicture& picture, int side);

/// The window with mid-grey around the defect: what is compared is the defect alone.
torch::Tensor defect_alone(const DefectWindow& window);

}  // namespace kizu::quality
