#pragma once
#include <string>
#include <vector>

#include "pipeline/workspace.h"
#include "study/benchmark_figures.h"

namespace kizu::study {

/// The figures of a category that was carried out: those of its localizer, its classifier and its pictures.
/// IC-LPIPS is the mean over defect types; what was not measured is empty.
Figures figures_of(const pipeline::Workspace& workspace, const std::string& localizer);

/// {"columns": [{"key", "name"}], "rows": [{"name", "ours": {...}, "published": {...}}], "means": [...],
///  "categories": n, "of": n, "remarks": [...]}: a row for each category, then the means over all categories
/// and in the published form. Published means cover the same categories as ours, where the paper has them,
/// then all 15.
Json benchmark_json(const CategoryFigures& ours, int64_t of, const std::vector<std::string>& remarks);

/// The same as plain text, two lines for each row: ours, and what was published.
std::string benchmark_text(const Json& table);

}  // namespace kizu::study
