#pragma once
#include <string>
#include <vector>

#include "inspection/mix.h"

namespace kizu::inspection {

/// What is drawn from while a localizer is trained: one mix, or several one after another, each for as many
/// steps as the others.
struct Curriculum {
  std::vector<Mix> parts;  // at least one

  Curriculum() : parts(1) {}           // nothing is drawn
  Curriculum(Mix mix) : parts{mix} {}  // NOLINT(google-explicit-constructor): a mix is a curriculum
  /// Mixes as Mix::parse has them, with '/' between: "good:0.4,pairs:0.6/good:0.4,shots:0.6". Throws Error as
  /// it does.
  static Curriculum parse(const std::string& text);
  /// The inverse of parse.
  std::string text() const;

  bool draws_from(Source source) const;
  /// At `done` in [0, 1] of the steps.
  const Mix& at(double done) const;
};

}  // namespace kizu::inspection
