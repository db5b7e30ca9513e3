#include "report/html.h"
#include "report/sections.h"
#include "report/svg_curves.h"

namespace kizu::report {
namespace {

constexpr std::size_t kFinePoints = 300, kSmoothPoints = 40;

Chart chart_of(const std::string& title, const std::string& y, std::vector<Series> series,
               const std::string& description) {
  return {title, description, fitted("step", series, true), fitted(y, series, false), std::move(series)};
}

/// The loss as it was, faint, and its mean over stretches of steps.
void add_loss(std::vector<Series>& series, const std::string& name, const std::string& css_class,
              const Line& loss) {
  if (loss.size() > kSmoothPoints)
    series.push_back({name, css_class + " faint", averaged(loss, kFinePoints)});
  series.push_back({name, css_class, averaged(loss, kSmoothPoints)});
}

std::string ends(const Line& line) {
  if (line.empty()) return "";
  return "from " + fixed(line.front().y) + " to " + fixed(line.back().y) + " over " +
         fixed(line.back().x, 0) + " steps. ";
}

}  // namespace

std::string training_section(const Record& record) {
  std::string charts;
  if (record.learn && !record.learn->loss.empty()) {
    std::vector<Series> series;
    add_loss(series, "Loss", "learn", record.learn->loss);
    charts += draw(chart_of("Learning the defects", "loss", series,
                            "Loss " + ends(averaged(record.learn->loss, kSmoothPoints))));
  }
  std::vector<Series> losses, held_out;
  std::string losses_text, held_out_text;
  std::vector<std::pair<std::string, std::string>> names;
  for (const Arm& arm : record.arms) {
    if (!arm.training) continue;
    names.emplace_back(arm.key, arm.name);
    add_loss(losses, arm.name, arm.key, arm.training->loss);
    losses_text += arm.name + ": " + ends(averaged(arm.training->loss, kSmoothPoints));
    if (arm.training->held_out.size() < 2) continue;  // a single look at the end is no curve
    held_out.push_back({arm.name, arm.key, arm.training->held_out});
    held_out_text += arm.name + ": " + ends(arm.training->held_out);
  }
  if (!losses.empty()) charts += draw(chart_of("Training the localizers: loss", "loss", losses, losses_text));
  if (!held_out.empty())
    charts += draw(chart_of("Training: on held-out pairs", "value", held_out, held_out_text));
  if (charts.empty())
    return section("training", "Learning and training", note("Nothing has been trained yet."));
  std::string body;
  if (record.learn && record.learn->stopped_early)
    body += "<p>Learning stopped early: its loss had become flat.</p>\n";
  if (!record.learn) body += note("No curve of learning is there.");
  return section("training", "Learning and training",
                 body + legend(names) + "<div class=\"charts\">" + charts + "</div>\n");
}

}  // namespace kizu::report
