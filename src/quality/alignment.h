#pragma once
#include <optional>

#include "image/masks.h"

namespace kizu::quality {

/// How well a made defect keeps to its mask. Changes are of 255, the mean over the channels.
struct Alignment {
  std::optional<double> auroc;  // of the change as a predictor of the mask; empty for an empty or full mask
  double inside = 0;            // mean change of the mask's pixels
  double outside = 0;           // mean change of the others
  double visible = 0;           // share of the mask's pixels that changed by kVisible or more
  double leak = 0;              // share of the others that did
};

/// A change that a person may see, of 255.
inline constexpr double kVisible = 3;

/// Photos of the same size, depth and channels, and the mask of the defect that was put into the second.
/// Throws Error when the sizes differ.
Alignment alignment_of(const Image& good, const Image& made, const Mask& mask);

}  // namespace kizu::quality
