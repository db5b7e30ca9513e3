#include <set>

#include "report/html.h"
#include "report/sections.h"
#include "report/svg_curves.h"

namespace kizu::report {
namespace {

/// The difference with its direction as a sign, an arrow and a colour.
std::string difference(const Value& before, const Value& after) {
  if (!before || !after) return "–";
  const double by = *after - *before;
  const std::string text = signed_fixed(by);
  if (text.find("±") == 0) return "<span class=\"same\">" + text + "</span>";
  return by > 0 ? "<span class=\"up\">▲ " + text + "</span>" : "<span class=\"down\">▼ " + text + "</span>";
}

const Metrics* metrics_of(const Arm& arm, const std::string& type) {
  if (!arm.evaluation) return nullptr;
  for (const TypeMetrics& known : arm.evaluation->types)
    if (known.type == type) return &known.metrics;
  return nullptr;
}

Value at(const Metrics* metrics, std::size_t i) {
  return metrics ? (*metrics)[i] : std::nullopt;
}

std::string overall_table(const Record& record) {
  std::array<const Metrics*, 3> arms{};
  for (std::size_t i = 0; i < arms.size(); i++)
    if (record.arms[i].evaluation) arms[i] = &record.arms[i].evaluation->overall.metrics;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < kMetricCount; i++)
    rows.push_back({std::string(kMetrics[i].name) + "<small>" + escape(kMetrics[i].asks) + "</small>",
                    fixed(at(arms[kBefore], i)), "<b>" + fixed(at(arms[kAfter], i)) + "</b>",
                    difference(at(arms[kBefore], i), at(arms[kAfter], i)), fixed(at(arms[kPerlin], i))});
  return table("All test photos together. 1 is perfect; ▲ better, ▼ worse than before.",
               {"Metric", "Before", "After", "Difference", "Perlin only"}, rows, "numbers overall");
}

/// One block of rows for each type: before, after, difference, Perlin.
std::string types_table(const Record& record) {
  std::vector<std::string> head{"Type"};
  for (const MetricName& metric : kMetrics) head.push_back(metric.name);
  std::string out = open_table("Each type of defect against all good test photos.", head, "numbers types");
  for (const std::string& type : record.types()) {
    std::array<const Metrics*, 3> arms{};
    long long photos = 0;
    for (std::size_t i = 0; i < arms.size(); i++) {
      arms[i] = metrics_of(record.arms[i], type);
      if (arms[i])
        for (const TypeMetrics& known : record.arms[i].evaluation->types)
          if (known.type == type) photos = known.photos;
    }
    if (!arms[kBefore] && !arms[kAfter] && !arms[kPerlin]) continue;
    out += "<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"" + std::to_string(kMetricCount + 1) +
           "\">" + escape(type) + " <small>" + count(photos, "test photo") + "</small></th></tr>\n";
    const auto row = [&](const std::string& name, const std::string& css_class, auto cell) {
      out += "<tr class=\"" + css_class + "\"><th scope=\"row\">" + name + "</th>";
      for (std::size_t i = 0; i < kMetricCount; i++) out += "<td>" + cell(i) + "</td>";
      out += "</tr>\n";
    };
    row("Before", "", [&](std::size_t i) { return fixed(at(arms[kBefore], i)); });
    row("After", "after", [&](std::size_t i) { return fixed(at(arms[kAfter], i)); });
    row("Difference", "",
        [&](std::size_t i) { return difference(at(arms[kBefore], i), at(arms[kAfter], i)); });
    row("Perlin only", "", [&](std::size_t i) { return fixed(at(arms[kPerlin], i)); });
    out += "</tbody>\n";
  }
  return out + close_table();
}

/// What the run.json of the three trainings say: the page claims no more than that.
std::string budget_sentence(const Record& record) {
  std::vector<Json> trainings;
  for (const Step& step : record.steps)
    if (step.folder.find("localizer-") == 0 && step.run.contains("options") &&
        step.run["options"].is_object())
      trainings.push_back(step.run["options"].flatten());
  if (trainings.size() < 2) return "";
  std::set<std::string> differing;
  for (const Json& one : trainings)
    for (const Json& other : trainings)
      for (const auto& [key, value] : one.items())
        if (!other.contains(key) || other[key] != value) differing.insert(key.substr(1));
  if (differing.empty()) return "Their trainings have the same options, the seed included. ";
  std::string names;
  for (const std::string& name : differing) names += (names.empty() ? "" : ", ") + escape(name);
  return "Their trainings differ in these options only: " + names + ". ";
}

bool any_evaluation(const Record& record) {
  for (const Arm& arm : record.arms)
    if (arm.evaluation) return true;
  return false;
}

Chart curve_chart(const Record& record, const std::string& title, const std::string& x, const std::string& y,
                  double x_high, Line Evaluation::*line, std::size_t metric) {
  Chart chart{title, "", {x, 0, x_high, false}, {y, 0, 1, false}, {}};
  for (const std::size_t i : {kPerlin, kBefore, kAfter}) {
    const Arm& arm = record.arms[i];
    if (!arm.evaluation) continue;
    chart.series.push_back({arm.name, arm.key, (*arm.evaluation).*line});
    chart.description += arm.name + ": area " + fixed(arm.evaluation->overall.metrics[metric]) + ". ";
  }
  return chart;
}

}  // namespace

std::string section(const std::string& id, const std::string& heading, const std::string& body) {
  return "<section id=\"" + id + "\"><h2>" + heading + "</h2>\n" + body + "</section>\n\n";
}

std::string results_section(const Record& record) {
  if (!any_evaluation(record)) return section("results", "Results", note("No model has been evaluated yet."));
  std::string body =
      "<p><b>Before</b>: trained without generated pairs, unless asked otherwise on good photos, the real "
      "shots and crop-and-paste of them. <b>After</b>: on the same with pairs among them; where there is "
      "crop-and-paste, in the first half of the steps alone. <b>Perlin "
      "only</b>: random noise patches instead of any real or generated defect. " +
      budget_sentence(record) + "The test photos were used for nothing else.</p>\n";
  for (const Arm& arm : record.arms)
    if (!arm.evaluation) body += note("“" + arm.name + "” has not been evaluated yet.");
  body += overall_table(record) + "<h3>By type of defect</h3>\n" + dumbbells(record, kPixelAp);
  return section("results", "Results", body);
}

std::string curves_section(const Record& record) {
  if (!any_evaluation(record)) return "";
  std::vector<std::pair<std::string, std::string>> names;
  for (const Arm& arm : record.arms)
    if (arm.evaluation) names.emplace_back(arm.key, arm.name);
  const std::string body =
      "<p>Every threshold at once, over the pixels of all test photos. Higher is better everywhere.</p>" +
      legend(names) + "<div class=\"charts\">" +
      draw(curve_chart(record, "Precision and recall", "share of defect pixels found",
                       "share of alarms that are right", 1, &Evaluation::pr, kPixelAp)) +
      draw(curve_chart(record, "Region overlap (PRO)", "share of good pixels alarmed",
                       "covered part of a defect", 0.3, &Evaluation::pro, kAuPro)) +
      draw(curve_chart(record, "ROC", "share of good pixels alarmed", "share of defect pixels found", 1,
                       &Evaluation::roc, kPixelAuroc)) +
      "</div>\n<h3>All figures by type of defect</h3>\n" + types_table(record);
  return section("curves", "Curves and all figures", body);
}

}  // namespace kizu::report
