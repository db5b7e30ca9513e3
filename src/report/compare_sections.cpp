#include "report/compare_sections.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "report/html.h"
#include "report/svg_curves.h"

namespace kizu::report {
namespace {

Value number(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_number() ? Value(object[key].get<double>()) : std::nullopt;
}

std::string name_of(const Json& arm) {
  return arm.at("arm").get<std::string>();
}

std::string dot_class(const Json& arm) {
  if (arm.value("pairs", false)) return "after";
  return name_of(arm) == "perlin" ? "perlin" : "before";
}

/// Breaks after the first number where a column is narrow.
std::string interval(const std::string& low, const std::string& high) {
  return "<small>" + low + " to\u00a0" + high + "</small>";
}

std::string estimate_cell(const Json& estimate) {
  const Value deviation = number(estimate, "deviation");
  return "<b>" + fixed(number(estimate, "mean")) + "</b>" + (deviation ? " ± " + fixed(deviation) : "") +
         interval(fixed(number(estimate, "low")), fixed(number(estimate, "high")));
}

std::string difference_cell(const Json& difference, bool turned) {
  const double sign = turned ? -1 : 1;
  const double mean = sign * number(difference, "mean").value_or(0);
  Value low = number(difference, turned ? "high" : "low"), high = number(difference, turned ? "low" : "high");
  if (low) low = sign * *low;
  if (high) high = sign * *high;
  const char* css_class = low && *low > 0 ? "up" : high && *high < 0 ? "down" : "same";
  const char* arrow = low && *low > 0 ? "▲ " : high && *high < 0 ? "▼ " : "";
  return "<span class=\"" + std::string(css_class) + "\">" + arrow + signed_fixed(mean) + "</span>" +
         interval(signed_fixed(low), signed_fixed(high));
}

std::string percent(double value) {
  return fixed(100 * std::clamp(value, 0.0, 1.0), 1) + "%";
}

/// A dot at the mean and a bar over the interval.
std::string interval_on_track(const Json& estimate, const std::string& css_class) {
  const Value mean = number(estimate, "mean"), low = number(estimate, "low"), high = number(estimate, "high");
  std::string out;
  if (low && high)
    out += "<i class=\"bar " + css_class + "\" style=\"left:" + percent(*low) +
           ";right:" + percent(1 - *high) + "\"></i>";
  if (mean) out += "<i class=\"dot " + css_class + "\" style=\"left:" + percent(*mean) + "\"></i>";
  return out;
}

const Json* arm_of(const Json& scope, const std::string& name) {
  for (const Json& arm : scope.at("arms"))
    if (name_of(arm) == name) return &arm;
  return nullptr;
}

std::string row(const std::string& name, const std::string& track, const std::string& figures) {
  return "<div class=\"row\"><span class=\"name\">" + escape(name) +
         "</span><span class=\"track\" aria-hidden=\"true\">" + track + "</span><span class=\"figures\">" +
         figures + "</span></div>\n";
}

}  // namespace

std::string arms_table(const Json& scope) {
  std::vector<std::string> head{"Learned from"};
  for (const auto& metric : kComparedMetrics) head.push_back(metric.name);
  std::vector<std::vector<std::string>> rows;
  for (const Json& arm : scope.at("arms")) {
    std::vector<std::string> cells{escape(name_of(arm))};
    for (const auto& metric : kComparedMetrics) cells.push_back(estimate_cell(arm.at(metric.key)));
    rows.push_back(cells);
  }
  return table(
      "Mean over seeds ± their standard deviation; below it the 95 % interval over test photos and "
      "seeds.",
      head, rows, "numbers types");
}

std::string arm_tracks(const Json& scope, const ComparedMetric& metric) {
  std::string out = "<figure class=\"dumbbells\"><figcaption>" + std::string(metric.name) +
                    " from 0 (left) to 1 (right): mean and 95 % interval; <span class=\"key\"><i class=\"dot "
                    "after\"></i> with pairs</span> <span class=\"key\"><i class=\"dot before\"></i> "
                    "without</span> <span class=\"key\"><i class=\"dot perlin\"></i> Perlin only</span>"
                    "</figcaption>\n";
  for (const Json& arm : scope.at("arms")) {
    const Json& estimate = arm.at(metric.key);
    out += row(name_of(arm), interval_on_track(estimate, dot_class(arm)),
               "<b>" + fixed(number(estimate, "mean")) + "</b> " +
                   interval(fixed(number(estimate, "low")), fixed(number(estimate, "high"))));
  }
  return out + "</figure>\n";
}

std::string differences_table(const Json& scope, const std::string& against) {
  std::vector<std::string> head{"Against " + escape(against)};
  for (const auto& metric : kComparedMetrics) head.push_back(metric.name);
  std::vector<std::vector<std::string>> rows;
  for (const Json& difference : scope.at("differences")) {
    const bool turned = name_of(difference) == against;
    const std::string other = turned ? difference.at("against").get<std::string>() : name_of(difference);
    if (!turned && difference.at("against") != against) continue;
    std::vector<std::string> cells{escape(other)};
    for (const auto& metric : kComparedMetrics)
      cells.push_back(difference_cell(difference.at(metric.key), turned));
    rows.push_back(cells);
  }
  return table(
      "Paired differences: the same seeds and the same test photos; ▲ ▼ where the 95 % interval "
      "leaves 0 out.",
      head, rows, "numbers types");
}

std::string type_tracks(const Json& scopes, const std::string& with, const std::string& without) {
  std::string rows;
  for (const Json& scope : scopes) {
    const auto type = scope.at("type").get<std::string>();
    const Json *a = arm_of(scope, with), *b = arm_of(scope, without);
    if (type.empty() || a == nullptr || b == nullptr) continue;
    const Json &after = a->at("pixel_ap"), &before = b->at("pixel_ap");
    const double x = number(before, "mean").value_or(0), y = number(after, "mean").value_or(0);
    rows += row(type,
                "<i class=\"bar " + std::string(y < x ? "worse" : "better") +
                    "\" style=\"left:" + percent(std::min(x, y)) + ";right:" + percent(1 - std::max(x, y)) +
                    "\"></i><i class=\"dot before\" style=\"left:" + percent(x) +
                    "\"></i><i class=\"dot after\" style=\"left:" + percent(y) + "\"></i>",
                fixed(x) + " → <b>" + fixed(y) + "</b> <small>" + signed_fixed(y - x) + "</small>");
  }
  if (rows.empty()) return "";
  return "<figure class=\"dumbbells\"><figcaption>Pixel AP of each type, from 0 (left) to 1 (right): <span "
         "class=\"key\"><i class=\"dot before\"></i> " +
         escape(without) + "</span> <span class=\"key\"><i class=\"dot after\"></i> " + escape(with) +
         "</span></figcaption>\n" + rows + "</figure>\n";
}

std::string curve_chart(const Json& points, const std::string& x, const ComparedMetric& metric) {
  static constexpr const char* kClasses[] = {"before", "after", "perlin", "learn"};
  std::vector<std::pair<std::string, std::string>> names;
  std::map<std::string, Series> lines;
  for (const Json& point : points) {
    for (const Json& arm : point.at("arms")) {
      const auto name = name_of(arm);
      if (!lines.count(name)) {
        const auto css_class = kClasses[std::min<std::size_t>(names.size(), 3)];
        names.emplace_back(css_class, escape(name));
        lines[name] = {name, css_class, {}};
      }
      const Value mean = number(arm.at(metric.key), "mean");
      if (mean) lines[name].points.push_back({point.at("number").get<double>(), *mean});
    }
  }
  Chart chart{metric.name, "", {x, 1, 1, true}, {metric.name, 0, 1, false}, {}};
  chart.x.low = points.front().at("number").get<double>();
  chart.x.high = std::max(points.back().at("number").get<double>(), 1.01 * chart.x.low);
  double low = 1, high = 0;
  for (const auto& [name, line] : lines)
    for (const Point& point : line.points) low = std::min(low, point.y), high = std::max(high, point.y);
  chart.y.low = std::clamp(std::floor(10 * low - 0.5) / 10, 0.0, 0.9);
  chart.y.high = std::clamp(std::ceil(10 * high + 0.2) / 10, chart.y.low + 0.1, 1.0);
  for (const auto& [name, line] : lines) {
    chart.series.push_back(line);
    chart.description += name + ":";
    for (const Point& point : line.points) chart.description += " " + fixed(point.y);
    chart.description += ". ";
  }
  return "<div>" + legend(names) + draw(chart) + "</div>";
}

}  // namespace kizu::report
