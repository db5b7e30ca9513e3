#pragma once
#include <vector>

namespace kizu::anomaly {

/// How strongly the pairs of a type are painted, 1 to 2, from contrasts (appearance_of, the first number): of
/// its shots, and of good photos under masks of the type. Defects that are no lighter or darker than what
/// good photos show at such places, as uneven light, teach a localizer to see defects on good parts, of all
/// types; they are painted stronger, up to twice the median of what good photos show (docs/results.md,
/// "Severity"). 1 where there is nothing to compare.
double severity(const std::vector<double>& shots, const std::vector<double>& good);

}  // namespace kizu::anomaly
