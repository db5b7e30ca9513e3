#pragma once
#include <string>
#include <vector>

#include "report/record.h"

namespace kizu::report {

enum class Finding { better, worse, mixed, unclear, too_few, missing };

/// What the numbers say of AFTER against BEFORE, in plain sentences (text, not HTML).
struct Verdict {
  Finding finding = Finding::missing;
  std::string headline;
  std::vector<std::string> sentences;
};

/// A change counts when a sign-flip test over independent pieces (groups of photos) gives p < 0.05; with
/// fewer than six pieces it never can, so the verdict is then "too few".
Verdict judge(const Record& record);

/// Probability, were each change as likely up as down, of a sum at least as far from zero as this one (in
/// either direction). Exact up to 16 changes, 65,536 random sign patterns with a fixed seed beyond.
double sign_flip_p(const std::vector<double>& changes);

}  // namespace kizu::report
