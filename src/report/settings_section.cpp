#include "report/html.h"
#include "report/sections.h"

namespace kizu::report {
namespace {

/// Inner objects become dotted names; a list stays one value.
void flatten(const std::string& name, const Json& value, std::vector<std::vector<std::string>>& rows) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items())
      flatten(name.empty() ? key : name + "." + key, inner, rows);
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>()
                                             : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  rows.push_back({escape(name), "<code>" + escape(text) + "</code>"});
}

std::string title(const Step& step) {
  return step.folder.empty() ? "the whole run" : step.folder;
}

}  // namespace

std::string costs_section(const Record& record) {
  std::vector<std::vector<std::string>> rows;
  Value seconds, peak;
  for (const Step& step : record.steps) {
    rows.push_back(
        {escape(title(step)), escape(step.state), duration(step.seconds), bytes(step.peak_memory)});
    if (step.folder.empty()) continue;  // it may hold the time of all others
    if (step.seconds) seconds = seconds.value_or(0) + *step.seconds;
    if (step.peak_memory) peak = std::max(peak.value_or(0), *step.peak_memory);
  }
  if (rows.empty()) return section("costs", "Time and memory", note("No step has been run yet."));
  rows.push_back({"<b>All steps</b>", "", "<b>" + duration(seconds) + "</b>", "<b>" + bytes(peak) + "</b>"});
  return section("costs", "Time and memory",
                 table("What each step took, interrupted attempts included",
                       {"Step", "State", "Time", "Peak memory"}, rows, "numbers"));
}

std::string settings_section(const Record& record) {
  std::string body = "<p>All that is needed to make the same run again: every option, seed and hash.</p>\n";
  for (const Step& step : record.steps) {
    std::vector<std::vector<std::string>> rows;
    flatten("", step.run, rows);
    body += "<details><summary>" + escape(title(step)) +
            (step.verb.empty() ? "" : " <small>kizu " + escape(step.verb) + "</small>") + "</summary>\n" +
            table("run.json of " + escape(title(step)), {"Name", "Value"}, rows, "settings") + "</details>\n";
  }
  if (record.steps.empty()) body += note("No step has been run yet.");
  return section("settings", "Options, seeds and hashes", body);
}

}  // namespace kizu::report
