#pragma once
#include <torch/torch.h>

#include "tensor/noise.h"

namespace kizu::inspection {

/// A place in a photo or window, in pixels from the top left corner; the first pixel's centre is (0.5, 0.5).
struct Place {
  double x = 0, y = 0;
};

/// What a product allows and a camera varies.
struct Augmentation {
  bool flips = true;
  bool quarter_turns = false;
  double scale = 0.15;       // size varies by up to this share
  double brightness = 0.06;  // of the full range
  double contrast = 0.12;
  /// Share of the windows along one side of which something beyond the part shows, up to so much of the
  /// window's side: defects at a part's edge must not teach that edges are defects.
  double margin = 0.2, deepest_margin = 0.12;
};

/// A square look at a photo: window pixel (relative to the window's centre) times a matrix, plus a centre in
/// the photo.
struct Window {
  Place centre;
  double xx = 1, xy = 0, yx = 0, yy = 1;
  int64_t side = 0;

  /// The place in the photo that a place in the window shows, and back.
  Place in_photo(Place window) const;
  Place in_window(Place photo) const;
};

/// A random window of `side` pixels over a photo, turned, flipped and scaled as allowed, that shows `target`
/// at a random place. It is kept inside the photo as far as the photo is large enough.
Window window_around(Place target, int64_t height, int64_t width, int64_t side, const Augmentation& allowed,
                     NoiseStream& random);

enum class Beyond { kBorder, kZero };
/// uint8 [C, H, W] (0..255 is read as 0..1 when `scale_255`) -> [C, side, side] float32, bilinear. Beyond the
/// photo its border is repeated, or there are zeros.
torch::Tensor look(const torch::Tensor& photo, const Window& window, Beyond beyond, bool scale_255);

/// The centre of a random non-zero pixel of [1, H, W]; the mask must not be empty.
Place random_pixel_of(const torch::Tensor& mask, NoiseStream& random);

}  // namespace kizu::inspection
