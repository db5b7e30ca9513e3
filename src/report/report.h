#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace kizu::report {

/// Writes run_folder/report.html: one file that shows a run of one category and asks for nothing from
/// outside (no script; pictures as data URIs, curves as inline SVG). It appears whole or not at all, and the
/// same run folder gives the same bytes. A step that has not been run is left out with a note. Throws Error
/// naming the file for JSON that is broken or not of the expected shape, or for a run folder that is missing.
void write_report(const std::filesystem::path& run_folder);

/// Writes `out`: one page over several categories, with a verdict and figures for each and a link to
/// <category>/report.html. `categories` are the names of run folders beside `out`.
void write_index(const std::filesystem::path& out, const std::vector<std::string>& categories);

}  // namespace kizu::report
