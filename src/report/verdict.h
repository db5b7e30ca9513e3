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
  std::vector<std::string> next;  // what to try, the most promising first
};

/// A change counts when a sign-flip test over independent pieces (groups of photos) gives p < 0.05; with
/// fewer than six pieces it never can, so the verdict is then "too few".
Verdict judge(const Record& record);

/// What to try after this finding, from the numbers of the run alone: which model to use, the type that is
/// found worst, photos that are looked at too small, pairs that failed, photos that are missing.
std::vector<std::string> next_steps(const Record& record, Finding finding);

/// Probability, were each change as likely up as down, of a sum at least as far from zero as this one (in
/// either direction). Exact up to 16 changes, 65,536 random sign patterns with a fixed seed beyond.
double sign_flip_p(const std::vector<double>& changes);

}  // namespace kizu::report
