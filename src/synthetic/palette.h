#pragma once
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// Hue in turns, saturation and value in 0..1. A struct, so that numbers drawn in its braces are drawn in
/// order (the order of function arguments is the compiler's choice and would change the picture).
struct Hsv {
  float hue, saturation, value;
};
Colour hsv(Hsv c);
/// Any colour at all: neutrals, muted and vivid ones, dark and bright.
Colour any_colour(NoiseStream& s);
/// A grey with at most a breath of colour, of the given lightness; now and then brass or copper.
Colour metal_colour(NoiseStream& s, float low, float high);
/// Browns, from pale wood to dark leather.
Colour brown(NoiseStream& s);
/// The same hue family at another lightness: what a second tone of one material looks like.
Colour neighbour(NoiseStream& s, Colour c, float spread);
/// The colour times a number drawn between low and high.
Colour scaled(NoiseStream& s, Colour c, float low, float high);

}  // namespace kizu::synthetic
