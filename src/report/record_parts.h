#pragma once
#include <filesystem>

#include "report/record.h"

namespace kizu::report {

/// One file of a run folder each. Throws Error naming it.
Split read_split(const std::filesystem::path& file);
TrainingCurve read_curve(const std::filesystem::path& file);
std::vector<MaskEntry> read_masks(const std::filesystem::path& file);
Pairs read_pairs(const std::filesystem::path& file);
Evaluation read_evaluation(const std::filesystem::path& file);
/// The run itself and each folder in it that has a run.json, in the order in which they are worked off.
std::vector<Step> read_steps(const std::filesystem::path& run_folder);

}  // namespace kizu::report
