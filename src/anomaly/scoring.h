#pragma once
#include <array>
#include <string>
#include <vector>

#include "image/image.h"

namespace kizu::anomaly {

/// What a defect looks like in seven numbers, brightness in 0..255: contrast to its ring, standard deviation
/// inside, 10 % and 90 % quantile against the ring, mean gradient inside, mean gradient on the outline,
/// standard deviation of the ring.
using Appearance = std::array<double, 7>;

/// Of a photo of any depth; the ring is what lies 3 to 8 px outside the mask. Colour counts as the distance
/// that is seen best: a defect as bright as its surroundings is looked at in the channel in which it stands
/// out most.
Appearance appearance_of(const Image& image, const Mask& mask);

/// A real defect, to compare with.
struct Shot {
  Image image;
  Mask mask;
};

/// What a pair must reach, derived from the real shots of the type.
class Standard {
 public:
  static Standard of(const std::vector<Shot>& shots);

  /// Root mean square over the seven numbers of the difference from the most similar shot, each number in
  /// units of the shots' spread.
  double distance(const Appearance& appearance) const;

  double least_visible() const { return least_visible_; }
  /// A change that is not clearly larger than the grain of the surface, which is how far it is from its own
  /// mean within 12 px, is lost in it: a label that
  /// nobody could have drawn, from which a localizer learns to see defects on good parts. But no more than
  /// the faintest shot shows.
  double least_clear() const { return least_clear_; }
  double most_distant() const { return most_distant_; }

 private:
  std::vector<Appearance> shots_;
  Appearance spread_{};
  double least_visible_ = 3;
  double least_clear_ = 1.5;
  double most_distant_ = 3;
};

inline constexpr double kMostLeak = 1;

/// The scores of a pair. `reason` says why it did not pass.
struct PairScore {
  double visible = 0;   // mean |made - good| on the mask, of 255, in the channel that changed most
  double leak = 0;      // the same outside the mask (of what changed at all), relative to `visible`
  double clarity = 0;   // root mean square change on the mask over the grain of the good photo there
  double distance = 0;  // Standard::distance
  bool passed = false;
  bool lost = false;  // in the surface: visible, but less clear than the standard asks
  std::string reason;
};

/// `in_place`: the defect sits on the same piece of the product as in its shot (Pose). What varies there is
/// the product's own structure, which hides no defect: nothing counts as lost.
PairScore score_pair(const Image& good, const Image& made, const Mask& mask, const Standard& standard,
                     bool in_place = false);

}  // namespace kizu::anomaly
