#pragma once
#include <vector>

namespace kizu::anomaly {

/// By what the mean contrast of a type's pairs is multiplied, 1 to 2, from contrasts (appearance_of, the
/// first number) of its shots, and of good photos under masks of the type. Defects that are no lighter or
/// darker than good photos at such places, as uneven light, teach a localizer to see defects on good parts,
/// of all types. So their median becomes twice that of good photos, or twice its own if that is less
/// (docs/results.md, "Severity"). 1 where there is nothing to compare.
double severity(const std::vector<double>& shots, const std::vector<double>& good);

}  // namespace kizu::anomaly
