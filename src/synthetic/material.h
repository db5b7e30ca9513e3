#pragma once
#include "synthetic/palette.h"
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// How picture pixels map to the plane in which a texture is defined: rotation, zoom, offset. One texture
/// unit is one pixel at zoom 1, so a zoom of 2 shows everything twice as large.
struct Frame {
  int width = 0, height = 0;
  float angle = 0, zoom = 1, du = 0, dv = 0;
  uint64_t grain = 0;  // varies the finest, per-pixel grain between photos of one and the same material

  /// Calls f(i, u, v) for each pixel, row by row.
  template <typename F>
  void each(F&& f) const {
    const float c = std::cos(angle) / zoom, s = std::sin(angle) / zoom;
    std::size_t i = 0;
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++, i++) {
        const float px = static_cast<float>(x) - 0.5f * static_cast<float>(width);
        const float py = static_cast<float>(y) - 0.5f * static_cast<float>(height);
        f(i, c * px + s * py + du, c * py - s * px + dv);
      }
  }
};

/// What a surface is before light falls on it.
struct Material {
  Picture albedo;     // 0..1
  Plane relief;       // height in pixels
  float gloss = 0;    // strength of the highlight, 0..1
  float polish = 20;  // exponent of the highlight

  explicit Material(const Frame& f) : albedo(f.width, f.height), relief(f.width, f.height) {}
};

using DrawMaterial = Material (*)(NoiseStream&, const Frame&);

Material brushed_metal(NoiseStream&, const Frame&);
Material ground_tile(NoiseStream&, const Frame&);
Material cast_metal(NoiseStream&, const Frame&);
Material sandblasted(NoiseStream&, const Frame&);

Material speckled_stone(NoiseStream&, const Frame&);
Material terrazzo(NoiseStream&, const Frame&);
Material marble(NoiseStream&, const Frame&);
Material concrete(NoiseStream&, const Frame&);

Material wood(NoiseStream&, const Frame&);
Material leather(NoiseStream&, const Frame&);
Material shell(NoiseStream&, const Frame&);

Material woven(NoiseStream&, const Frame&);
Material carpet(NoiseStream&, const Frame&);
Material wire_grid(NoiseStream&, const Frame&);
Material knit(NoiseStream&, const Frame&);

Material smooth_plastic(NoiseStream&, const Frame&);
Material painted(NoiseStream&, const Frame&);
Material rubber(NoiseStream&, const Frame&);
Material paper(NoiseStream&, const Frame&);

Material circuit(NoiseStream&, const Frame&);
Material perforated_board(NoiseStream&, const Frame&);
Material printed(NoiseStream&, const Frame&);

/// Any of the above.
Material any_material(NoiseStream&, const Frame&);
/// One that parts are made of: metals, plastics, rubber, shell, wood, ceramic.
Material part_material(NoiseStream&, const Frame&);
/// One that parts lie on, mostly plain.
Material ground_material(NoiseStream&, const Frame&);

}  // namespace kizu::synthetic
