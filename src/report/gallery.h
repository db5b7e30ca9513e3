#pragma once
#include <optional>
#include <string>
#include <vector>

#include "report/pictures.h"
#include "report/record.h"

namespace kizu::report {

/// Positions of `most` of `n` things, evenly spaced from the first to the last: nobody picked them.
std::vector<std::size_t> evenly(std::size_t n, std::size_t most);

/// The whole photo with a frame, and what is in the frame enlarged with the mask's outline. `caption` is
/// HTML, `what` is text for those who do not see it. A remark instead when a file is missing.
std::string defect_figure(const std::filesystem::path& photo, const std::filesystem::path& mask,
                          const std::string& what, const std::string& caption);

/// Where a pair's files are.
std::filesystem::path pair_file(const Record& record, const Pair& pair, const std::string& name);

/// "from 000_mask.png, mirrored, turned 12°, × 1.10": what a new mask was made from.
std::string origin_text(const Json& origin);

}  // namespace kizu::report
