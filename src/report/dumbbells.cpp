#include <algorithm>

#include "report/html.h"
#include "report/svg_curves.h"

namespace kizu::report {
namespace {

struct Row {
  std::string type;
  std::array<Value, 3> values;  // by arm
};

std::vector<Row> rows_of(const Record& record, std::size_t metric) {
  std::vector<Row> rows;
  for (const std::string& type : record.types()) {
    Row row{type, {}};
    for (std::size_t arm = 0; arm < record.arms.size(); arm++)
      if (record.arms[arm].evaluation)
        for (const TypeMetrics& known : record.arms[arm].evaluation->types)
          if (known.type == type) row.values[arm] = known.metrics[metric];
    if (std::any_of(row.values.begin(), row.values.end(), [](const Value& v) { return v.has_value(); }))
      rows.push_back(row);
  }
  return rows;
}

/// A track from 0 to 1; widths are percentages, so that it fits any screen without drawing text small.
std::string track(const Row& row) {
  const auto at = [](double value) { return fixed(100 * std::clamp(value, 0.0, 1.0), 1) + "%"; };
  std::string out;
  const Value &before = row.values[kBefore], &after = row.values[kAfter], &perlin = row.values[kPerlin];
  if (before && after)
    out += "<i class=\"bar " + std::string(*after < *before ? "worse" : "better") +
           "\" style=\"left:" + at(std::min(*before, *after)) +
           ";right:" + at(1 - std::max(*before, *after)) + "\"></i>";
  if (perlin) out += "<i class=\"dot perlin\" style=\"left:" + at(*perlin) + "\"></i>";
  if (before) out += "<i class=\"dot before\" style=\"left:" + at(*before) + "\"></i>";
  if (after) out += "<i class=\"dot after\" style=\"left:" + at(*after) + "\"></i>";
  return out;
}

}  // namespace

std::string dumbbells(const Record& record, std::size_t metric) {
  const std::vector<Row> rows = rows_of(record, metric);
  if (rows.empty()) return "";
  std::string out =
      "<figure class=\"dumbbells\"><figcaption>" + std::string(kMetrics[metric].name) +
      " of each type, from 0 (left) to 1 (right): <span class=\"key\"><i class=\"dot before\"></i> "
      "before</span> <span class=\"key\"><i class=\"dot after\"></i> after</span> <span "
      "class=\"key\"><i class=\"dot perlin\"></i> Perlin only</span></figcaption>\n";
  for (const Row& row : rows) {
    const Value& before = row.values[kBefore];
    const Value& after = row.values[kAfter];
    const Value by = before && after ? Value(*after - *before) : std::nullopt;
    out += "<div class=\"row\"><span class=\"name\">" + escape(row.type) +
           "</span><span class=\"track\" aria-hidden=\"true\">" + track(row) +
           "</span><span class=\"figures\">" + fixed(before) + " → <b>" + fixed(after) + "</b> <small>" +
           signed_fixed(by) + "</small></span></div>\n";
  }
  return out + "</figure>\n";
}

}  // namespace kizu::report
