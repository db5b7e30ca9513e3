#pragma once
#include <array>

#include "quality/defect_window.h"

namespace kizu::quality {

/// What a defect looks like in numbers that need no network, computed at the photo's own size.
inline constexpr std::size_t kSurfaceStatistics = 15;
using SurfaceStatistics = std::array<double, kSurfaceStatistics>;
extern const std::array<const char*, kSurfaceStatistics> kSurfaceNames;

/// Values of 255. The ring is what lies 3 to 8 px outside the mask (all the rest where the mask leaves no
/// ring). Three contrasts (mean inside less mean of the ring) and three standard deviations inside, of red,
/// green and blue; the 5 % and 95 % quantile of the brightness inside against the ring's mean; mean gradient
/// inside, and on the outline; the standard deviation inside of three octaves of detail (what a 3, 5 and 9 px
/// mean takes away, one from the next); that of the finest octave in the ring; the mean of the px just
/// outside of the mask less that of the ring: defects do not end where their label does.
SurfaceStatistics surface_statistics(const DefectPicture& picture);

/// The shape of a mask: logarithms of its area in px, of the bounding box's longer over its shorter side, of
/// its regions; share of the bounding box that is filled; logarithm of area over outline length (half the
/// thickness, px).
inline constexpr std::size_t kMaskStatistics = 5;
using MaskStatistics = std::array<double, kMaskStatistics>;
extern const std::array<const char*, kMaskStatistics> kMaskNames;
MaskStatistics mask_statistics(const Mask& mask);

}  // namespace kizu::quality
