#pragma once
#include "synthetic/composite.h"
#include "synthetic/defects.h"
#include "synthetic/scene.h"

namespace kizu::synthetic {

/// Smallest mean change inside a mask, in units of the range 0..1, that counts as visible.
inline constexpr float kVisibleChange = 6.0f / 255;

/// Seeds of one defect: pictures of the same type share `look` and differ in `place`.
struct FlawSeed {
  uint64_t look = 0, place = 0;
};
struct FlawOptions {
  float extent = 0;      // typical half length in pixels at 256; 0: drawn from the range of the kind
  double more = 0.2;     // chance of a second instance
  double loose = 0.4;    // chance of a mask wider than the defect, as people draw them
  double on_part = 0.9;  // chance to sit on the part where there is one
};

/// One kind of defect on the canvas; never empty, visible, and equal to the canvas outside the mask.
Triple draw_flaw(const Canvas& canvas, const DefectKind& kind, const FlawSeed& seed,
                 const FlawOptions& options = {});

/// Where the part is, judged from a picture whose border is plain; everything where there is no such border.
Plane estimate_foreground(const Picture& photo, bool* has_edge);

/// The layers as a batch of one.
Appearance to_appearance(const Layers& layers);

}  // namespace kizu::synthetic
