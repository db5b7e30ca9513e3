#pragma once
#include <string>
#include <utility>

#include "core/json.h"

namespace kizu::report {

/// A metric of compare.json and its name on the page.
struct ComparedMetric {
  const char* key;
  const char* name;
};
inline constexpr ComparedMetric kComparedMetrics[] = {
    {"pixel_ap", "Pixel AP"},        {"au_pro", "AU-PRO (0.3)"},     {"pixel_f1_max", "Pixel F1-max"},
    {"pixel_auroc", "Pixel AUROC"},  {"image_auroc", "Image AUROC"}, {"image_ap", "Image AP"},
    {"image_f1_max", "Image F1-max"}};

/// Parts of the page, each of one scope of compare.json ({"type", "arms", "differences"}), as HTML.
std::string arms_table(const Json& scope);
/// Mean and interval of each arm as dots and bars on a common scale.
std::string arm_tracks(const Json& scope, const ComparedMetric& metric);
/// Every arm against one of them; coloured where the interval leaves 0 out.
std::string differences_table(const Json& scope, const std::string& against);
/// Two arms on each defect type, from the best one of each kind.
std::string type_tracks(const Json& scopes, const std::string& with, const std::string& without);
/// A metric over the points of "shots_curve" or "pairs_curve".
std::string curve_chart(const Json& points, const std::string& x, const ComparedMetric& metric);

}  // namespace kizu::report
