#pragma once
#include <torch/torch.h>

#include <vector>

#include "image/masks.h"

namespace kizu::anomaly {

/// The square of a photo that the base model works on, enlarged or shrunk to `canvas` px (a multiple of 64):
/// zooming on the defect is what makes small ones possible at all (an f8 latent pixel is 8 canvas pixels).
struct Window {
  int x = 0, y = 0;  // top left corner in the photo; the square may reach beyond it (the edge is reflected)
  int side = 0;      // px in the photo
  int canvas = 0;    // px the base model sees: 128, 192 or 256
  double zoom() const { return static_cast<double>(canvas) / side; }
};

struct WindowOptions {
  double zoom = 2;  // wanted enlargement
  double margin =
      0.35;  // good surface around the defect, as a share of its longer side, at least 12 px of the canvas
  int smallest = 128, largest = 256;
};

/// Windows that together cover the mask: one where it fits at a zoom of at least 1, else one per group of
/// components; what is larger still is shrunk to fit. Never empty for a mask that is not.
std::vector<Window> choose_windows(const Mask& mask, const WindowOptions& options);

/// How much of its windows the mask covers, 0 to 1; 0 for an empty mask.
double window_cover(const Mask& mask, const WindowOptions& options);

/// Cuts the window out of [C, H, W] and resamples it: [C, canvas, canvas]. Area averaging when shrinking,
/// bicubic when enlarging; reflected beyond the edge.
torch::Tensor cut(const torch::Tensor& picture, const Window& window);
/// Coverage of the mask in the window, at least one pixel set per touched component: [1, canvas, canvas] of 0
/// and 1.
torch::Tensor cut_mask(const torch::Tensor& mask, const Window& window);
/// The reverse of cut for a difference picture: zero outside the window. [C, canvas, canvas] -> [C, H, W].
torch::Tensor put(const torch::Tensor& canvas, const Window& window, int height, int width);

}  // namespace kizu::anomaly
