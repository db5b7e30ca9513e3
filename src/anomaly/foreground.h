#pragma once
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "anomaly/photo_shift.h"
#include "image/image.h"

namespace kizu::anomaly {

/// How the photos of a product are laid out.
struct Arrangement {
  bool part = false;  ///< a part on a background, as against a surface that fills the picture
  bool aligned =
      false;  ///< the photos resemble each other pixel by pixel: positions in the picture mean something
  /// The product fills the picture and always lies the same way: so do its defects.
  bool fixed() const { return aligned && !part; }
  /// The photos are pieces of a surface that goes on: a defect may lie anywhere.
  bool surface() const { return !part && !aligned; }
};

/// How one photo lies: where the part is in it, and how far it is shifted against the typical photo (in parts
/// of its width and height; 0 unless the photos are aligned).
struct Layout {
  Layout() = default;
  Layout(Mask where) : foreground(std::move(where)) {}  // NOLINT: a foreground is a layout without a shift
  Mask foreground;
  double dx = 0, dy = 0;
  Image look;  // brightness, at most 256 px a side; empty unless the arrangement is fixed
};

/// Where the part is in a photo, learned from the good photos of one product. Surfaces that fill the picture,
/// and products whose background cannot be told safely, are foreground everywhere.
class PartFinder {
 public:
  /// Looks at looks_at() of them. Zero photos: everything is foreground.
  static PartFinder learn(const std::vector<Image>& good);
  /// Which of so many photos learn() looks at: no more than 16, evenly chosen. It looks at all of these.
  static std::vector<std::size_t> looks_at(std::size_t photos);

  /// 1 where the part is, in the photo's size. Never empty: where nothing is found, everything is.
  Mask foreground(const Image& photo) const;

  /// The foreground, for aligned photos the shift, and for a fixed arrangement the look.
  Layout layout(const Image& photo) const;

  const Arrangement& arrangement() const { return arrangement_; }
  /// One sentence for the report.
  const std::string& why() const { return why_; }

 private:
  struct Colour {
    std::array<double, 3> mean{};
  };

  Mask raw_foreground(const Image& small) const;

  Arrangement arrangement_;
  double threshold_ = 0;            // distance from the background's colours, of 255
  std::vector<Colour> background_;  // one to three typical colours
  PhotoShift shifts_;               // of aligned photos
  std::string why_ = "no good photos: everything is foreground";
};

}  // namespace kizu::anomaly
