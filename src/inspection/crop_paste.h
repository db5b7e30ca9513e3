#pragma once
#include <torch/torch.h>

#include "inspection/window.h"

namespace kizu::inspection {

/// A window of a photo and what is defect in it.
struct Sample {
  torch::Tensor image;  // [3, S, S] float32 in [0, 1]
  torch::Tensor mask;   // [1, S, S] 0 or 1
};

/// kFeather: its colours, moved to the brightness around it, faded out at the edge. kPoisson: its gradients,
/// so that it meets its new surroundings everywhere (poisson.h).
enum class Blend { kFeather, kPoisson };

/// How a real defect is varied before it is pasted elsewhere.
struct PasteOptions {
  double rotation = 25;   // degrees, to either side
  double scale = 0.25;    // size varies by up to this share
  double contrast = 0.2;  // of the defect against its surroundings
  bool flips = true;
  int64_t feather = 2;  // pixels over which the edge fades, outside the mask; 0: a hard edge
  Blend blend = Blend::kFeather;
};

/// Cuts the defect out of a shot (`image` [3, H, W] uint8, `mask` [1, H, W] uint8 0/1, not empty) and pastes
/// it with its middle at `where` of the window `good` [3, S, S]. Brightness is matched to the new
/// surroundings, or with kPoisson the whole edge. Pixels further than 2 * feather from the returned mask are
/// those of `good`; the mask is never empty.
Sample crop_paste(const torch::Tensor& good, Place where, const torch::Tensor& image,
                  const torch::Tensor& mask, const PasteOptions& options, NoiseStream& random);

/// What `window` shows of a photo with a defect, `seen`, after the defect was turned and scaled about its
/// middle and laid over itself: its texture no longer runs as that of its surroundings, and it is where it
/// was. What it covered before remains, and remains defect. `seen` itself where no defect is in view.
/// `image`, `mask`: the photo, as in crop_paste.
Sample turned_in_place(const Sample& seen, const Window& window, const torch::Tensor& image,
                       const torch::Tensor& mask, const PasteOptions& options, NoiseStream& random);

}  // namespace kizu::inspection
