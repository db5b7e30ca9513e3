#pragma once
#include <vector>

#include "core/json.h"

namespace kizu::anomaly {

/// What a pair is drawn from: noise alone, or a shot's pixels of which this share of the way is drawn anew.
struct Start {
  double from_shots = 0.5;  // share of the pairs that start from a shot
  double redraw = 0.5;      // 0 to 1
};

/// Distances (Standard::distance) of a few trial pairs of one type from its shots, for starts that leave the
/// base less and less freedom. They tell what it can invent: a scratch from nothing, a missing lead only
/// when it begins with one. Nothing but shots and good photos is looked at.
struct StartTrial {
  static constexpr double kHalf = 0.5, kLittle = 0.15;  // redrawn

  /// What is safe with any type, before anything was tried.
  static Start untried() { return {1, kLittle}; }

  std::vector<double> from_noise, half_redrawn, little_redrawn;

  /// More freedom only where it takes the pairs clearly nearer to the shots. A defect that covers much
  /// of its window (`cover`, see window_cover) starts from a shot and is redrawn a little only, whatever the
  /// distances say: it is a surface of another kind, and what a base that learned marks paints there are
  /// blotches, which seven numbers miss.
  Start choice(double cover = 0) const;
  Json describe() const;
};

}  // namespace kizu::anomaly
