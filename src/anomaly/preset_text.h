#pragma once
#include <string>
#include <vector>

#include "anomaly/preset.h"

namespace kizu::anomaly {

/// The table of switches for reading: a line per switch with the presets' values, its meaning and source.
/// `only_different` leaves out what is the same in all of them.
std::string describe(const std::vector<Preset>& presets, bool only_different);

/// The same for all three as the table of docs/presets.md.
std::string presets_as_markdown();

}  // namespace kizu::anomaly
