#pragma once
#include <string>
#include <vector>

#include "anomaly/foreground.h"
#include "anomaly/mask_variation.h"
#include "core/json.h"

namespace kizu::anomaly {

/// The mask of a real shot.
struct MaskSource {
  Mask mask;
  std::string file;
  Layout layout;  // of the shot; a foreground without values: everywhere
};

struct GeneratedMask {
  Mask mask;    // in the size of the photo it was made for
  Json origin;  // "shot", and its Variation and shift (transplant.h reads them): dx and dy in px of the photo
};

struct MaskOptions {
  VariationOptions variation;
  int tries = 12;
  std::string shot;  // `file` of the only shot to vary; empty: any
};

/// A new mask for one type of defect, on a good photo that lies as `photo` says, from the shots of that type:
/// one of them, varied (mask_variation.h), where the shots had theirs. On surfaces that is anywhere, or as
/// close to a border as the shot was; on parts at the same depth below the outline; on aligned photos near
/// the same place. Where a product that always lies the same way fills the photo, every other mask, and
/// every one that covers a tenth of its photo, lies exactly on the piece of it on which the shot had its,
/// neither turned nor scaled (surroundings.h; "in_place" in the origin). What lay on the part lies on the
/// part; only what touched a border touches it again. Never empty. Throws Error when no shot has a mask.
GeneratedMask make_mask(const std::vector<MaskSource>& shots, const Layout& photo,
                        const Arrangement& arrangement, uint64_t seed, const MaskOptions& options = {});

/// Share of the common area in the joint area of two masks of one size; 0 where their sizes differ.
double overlap(const Mask& a, const Mask& b);

}  // namespace kizu::anomaly
