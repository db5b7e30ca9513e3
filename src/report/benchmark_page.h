#pragma once
#include <filesystem>

#include "core/json.h"

namespace kizu::report {

/// Writes the page of a benchmark. `table` is what benchmark.json holds (study/benchmark_table.h).
void write_benchmark(const std::filesystem::path& file, const Json& table);

}  // namespace kizu::report
