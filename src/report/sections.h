#pragma once
#include <string>

#include "report/record.h"
#include "report/verdict.h"

namespace kizu::report {

/// The parts of the page, each HTML that begins with its <section>. What has not been run is a note.
std::string verdict_section(const Record& record, const Verdict& verdict);
std::string results_section(const Record& record);
std::string curves_section(const Record& record);
std::string misses_section(const Record& record);
std::string pairs_section(const Record& record);
std::string masks_section(const Record& record);
std::string yield_section(const Record& record);
std::string quality_section(const Record& record);
std::string input_section(const Record& record);
std::string training_section(const Record& record);
std::string costs_section(const Record& record);
std::string settings_section(const Record& record);

/// <section id> with a heading and an introduction (both HTML).
std::string section(const std::string& id, const std::string& heading, const std::string& body);

}  // namespace kizu::report
