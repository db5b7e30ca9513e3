#pragma once
#include <array>
#include <string>

namespace kizu::inspection {

/// Where a training sample comes from.
enum class Source { kGood, kPairs, kShots, kCropPaste, kCropPastePoisson, kPerlin, kPairPaste };
inline constexpr int kSources = 7;
const char* name_of(Source source);

/// How often each source is drawn.
struct Mix {
  std::array<double, kSources> weights{};  // in the order of Source; need not sum to 1

  /// "good:0.3,pairs:0.35,shots:0.15,crop_paste:0.2"; also "crop_paste_poisson" and "perlin". Throws Error on
  /// a name that does not exist or comes twice, a weight that is no number of at least 0, or weights that are
  /// all 0.
  static Mix parse(const std::string& text);
  /// The inverse of parse; sources of weight 0 are left out.
  std::string text() const;
  double weight(Source source) const { return weights[static_cast<int>(source)]; }
  /// `uniform` in [0, 1) -> a source.
  Source draw(double uniform) const;
};

}  // namespace kizu::inspection
