#pragma once
#include <filesystem>

#include "core/json.h"

namespace kizu::report {

/// Writes the page of a comparison. `summary` is what compare.json holds (study/compare_summary.h).
void write_comparison(const std::filesystem::path& file, const Json& summary);

}  // namespace kizu::report
