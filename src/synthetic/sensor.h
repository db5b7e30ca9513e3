#pragma once
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// What the camera and the file do to a picture, in order: optical blur or the blur of an enlarged crop,
/// exposure, grey conversion, noise (white and correlated), sharpening, block compression. The result is
/// rounded to the 256 levels of an 8-bit file.
void take_photo(Picture& picture, NoiseStream& s, bool grey);

/// Rounds to multiples of 1/255 within 0..1.
void quantize(Picture& picture);

/// JPEG's loss without the file: each 8x8 block's cosine transform rounded to the luminance table scaled for
/// `quality` (1..100, ITU-T T.81 Annex K).
void compress_blocks(Plane& plane, int quality);

}  // namespace kizu::synthetic
