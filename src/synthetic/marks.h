#pragma once
#include "synthetic/plane.h"

namespace kizu::synthetic {

/// What good parts carry too: a printed or engraved number, faint handling scratches, dust. Drawn into the
/// albedo.
void add_marks(Picture& albedo, NoiseStream& s);
/// Fine grain of the surface itself, with or without direction.
void add_grain(Picture& albedo, NoiseStream& s);

}  // namespace kizu::synthetic
