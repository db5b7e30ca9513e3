#pragma once
#include <string>
#include <vector>

#include "synthetic/shapes.h"

namespace kizu::synthetic {

/// The good picture under a defect and where the part is in it.
struct Canvas {
  Picture photo;          // 0..1
  Plane foreground;       // 1 on the part
  bool has_edge = false;  // the part's outline is visible
  bool grey = false;
  float unit = 1;  // shorter side / 256
  /// Mean colour of a square around a pixel.
  Colour around(float x, float y, float radius) const;
};

/// What a defect does to each pixel, gathered while it is drawn; becomes an Appearance.
struct Layers {
  Picture colour;
  Plane alpha, gain, coverage;  // coverage 0..1 tells where the change is meant to be seen
  Plane flow_x, flow_y;
  bool warps = false;

  Layers(int width, int height)
      : colour(width, height),
        alpha(width, height),
        gain(width, height),
        coverage(width, height),
        flow_x(width, height),
        flow_y(width, height) {}
  /// Lays a colour over what is already there.
  void paint(std::size_t i, Colour c, float alpha_here);
  /// Multiplies the brightness by 1 + change.
  void lighten(std::size_t i, float change) { gain.v[i] = (1 + gain.v[i]) * (1 + change) - 1; }
  void cover(std::size_t i, float amount) {
    if (amount > coverage.v[i]) coverage.v[i] = amount;
  }
};

/// Everything one instance of a defect is drawn with. Two instances in one picture share `look` (drawn anew
/// from the same seed) and differ in `place`.
struct Brush {
  const Canvas& canvas;
  Layers& layers;
  NoiseStream look;    // what the type of defect looks like
  NoiseStream place;   // where this instance is, its size, angle and outline
  float x = 0, y = 0;  // where it is
  float extent = 0;    // half of its length in pixels

  /// The surroundings' colour made darker (amount < 0, to -1 = black) or brighter (amount > 0, to 1 = white),
  /// turned round when that would hardly be visible.
  Colour toned(float amount) const;
  /// A colour that stands out: toned or, on colour pictures, now and then any hue.
  Colour contrasting();
};

struct DefectKind {
  const char* name;
  void (*draw)(Brush&);
  float smallest, largest;  // half length in pixels at 256, drawn log-uniformly
  bool at_edge;             // sits on the part's outline (or the picture's border)
  bool bound;               // ends where the part ends; false for what lies on top of everything
};
/// All kinds, in a fixed order.
const std::vector<DefectKind>& defect_table();

void draw_scratch(Brush&);
void draw_crack(Brush&);
void draw_cut(Brush&);
void draw_thread(Brush&);
void draw_wrinkle(Brush&);

void draw_pit(Brush&);
void draw_hole(Brush&);
void draw_blowholes(Brush&);
void draw_dent(Brush&);
void draw_bubble(Brush&);

void draw_stain(Brush&);
void draw_discoloration(Brush&);
void draw_colour_spot(Brush&);
void draw_uneven(Brush&);
void draw_rust(Brush&);
void draw_burn(Brush&);

void draw_contamination(Brush&);
void draw_misprint(Brush&);
void draw_smear(Brush&);

void draw_chip(Brush&);
void draw_fray(Brush&);
void draw_break(Brush&);
void draw_missing(Brush&);
void draw_bent(Brush&);

}  // namespace kizu::synthetic
