#include "report/compare_page.h"

#include "core/atomic_file.h"
#include "report/compare_sections.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace kizu::report {
namespace {

std::string text(const Json& object, const char* key) {
  return object.value(key, std::string());
}

std::string css_class(const std::string& finding) {
  if (finding == "helped") return "better";
  if (finding == "hurt") return "worse";
  return finding == "mixed" || finding == "too_few" ? "mixed" : "unclear";
}

std::string closing_section(const std::string& id, const std::string& name, const Json& closing) {
  std::string sentences;
  for (const Json& sentence : closing.at("sentences"))
    sentences += "<li>" + escape(sentence.get<std::string>()) + "</li>\n";
  return "<section id=\"" + id + "\" class=\"verdict " + css_class(text(closing, "finding")) + "\"><h2>" +
         escape(name) + ": do the generated pairs help?</h2>\n<p class=\"headline\">" +
         escape(text(closing, "headline")) + "</p>\n<ul>" + sentences + "</ul></section>\n\n";
}

/// Tables and tracks of one scope.
std::string figures(const Json& scope, const std::string& against) {
  return arms_table(scope) + (against.empty() ? "" : differences_table(scope, against));
}

std::string results(const std::string& id, const std::string& name, const Json& group) {
  const Json& scopes = group.at("scopes");
  const std::string with = text(group.at("closing"), "with"), without = text(group.at("closing"), "without");
  std::string body = arm_tracks(scopes[0], kComparedMetrics[0]) + arm_tracks(scopes[0], kComparedMetrics[4]) +
                     figures(scopes[0], without) + type_tracks(scopes, with, without);
  for (const Json& scope : scopes) {
    if (text(scope, "type").empty()) continue;
    body += "<details><summary>" + escape(text(scope, "type")) + " <small>all figures</small></summary>" +
            figures(scope, without) + "</details>\n";
  }
  return section(id, escape(name) + ": figures", body);
}

std::string curves(const std::string& id, const Json& category) {
  std::string body;
  for (const auto& [key, heading, x] : {std::tuple{"shots_curve", "More shots", "shots of each type"},
                                        {"pairs_curve", "More pairs", "generated pairs of each type"}}) {
    if (!category.contains(key) || category[key].empty()) continue;
    body += "<h3>" + std::string(heading) + "</h3>\n<div class=\"charts\">" +
            curve_chart(category[key], x, kComparedMetrics[0]) +
            curve_chart(category[key], x, kComparedMetrics[4]) + "</div>\n";
  }
  return body.empty() ? "" : section(id, escape(text(category, "name")) + ": curves", body);
}

std::string photos_sentence(const Json& category) {
  const Json& photos = category.at("photos");
  std::string types;
  for (const Json& type : photos.at("types"))
    types += (types.empty() ? "" : "; ") + escape(text(type, "type")) + " " +
             count(type.at("shots").get<long long>(), "shot") + ", " +
             count(type.at("test_photos").get<long long>(), "test photo") + " (" +
             count(type.at("test_pieces").get<long long>(), "independent piece") + ")";
  std::string remarks;
  for (const Json& remark : category.at("remarks")) remarks += note(escape(remark.get<std::string>()));
  return "<p><b>" + escape(text(category, "name")) +
         "</b>: " + count(photos.at("good_train").get<long long>(), "good photo") + " to learn from, " +
         std::to_string(photos.at("good_test").get<long long>()) + " to test; " + types + ". Split <code>" +
         text(category, "split_sha256") + "</code></p>\n" + remarks;
}

std::string protocol(const Json& summary) {
  const Json& settings = summary.at("settings");
  std::vector<std::vector<std::string>> rows;
  for (const Json& arm : settings.at("arms"))
    rows.push_back({escape(text(arm, "name")), "<code>" + escape(text(arm, "mix")) + "</code>"});
  const long long steps = settings.at("train_steps").get<long long>();
  std::string seeds;
  for (const Json& seed : settings.at("seeds")) seeds += (seeds.empty() ? "" : ", ") + seed.dump();
  std::string body =
      "<p>Every row of the tables is the same localizer, trained with " +
      (steps > 0 ? count(steps, "step") : std::string("400 steps and 800 for each defect type")) +
      " on the same good photos with the same augmentation, once for each seed (" + seeds +
      "); learning, masks, pairs and training all follow the seed, the split does not. Weights are never "
      "chosen by a test photo. The figures are those of the photos at their own size with the true masks. "
      "Intervals: " +
      std::to_string(settings.at("replicates").get<long long>()) +
      " bootstrap replicates, drawing whole pieces within each defect type, and the seeds.</p>\n";
  for (const Json& category : summary.at("categories")) body += photos_sentence(category);
  return section("protocol", "What was compared",
                 body + table("Shares of the training samples.", {"Name", "Mix"}, rows, "settings"));
}

std::string warnings(const Json& summary) {
  std::string list;
  for (const Json& category : summary.at("categories"))
    for (const Json& warning : category.at("warnings"))
      list += "<li>" + escape(warning.get<std::string>()) + "</li>";
  if (list.empty()) return "";
  return "<section class=\"verdict mixed\"><h2>Warning</h2><p class=\"headline\">Too few photos: these "
         "figures cannot tell one way of training from another.</p><ul>" +
         list + "</ul></section>\n\n";
}

}  // namespace

void write_comparison(const std::filesystem::path& file, const Json& summary) {
  std::string body = "<header><p class=\"brand\">kizu compare</p><h1>Does it help?</h1></header>\n<main>\n" +
                     warnings(summary);
  if (summary.contains("average"))
    body += closing_section("average", "Average of the categories", summary["average"].at("closing")) +
            results("average-figures", "Average", summary["average"]);
  int number = 0;
  for (const Json& category : summary.at("categories")) {
    const std::string id = "category-" + std::to_string(++number), name = text(category, "name");
    body += closing_section(id, name, category.at("closing")) + results(id + "-figures", name, category) +
            curves(id + "-curves", category);
  }
  body += protocol(summary) + "</main>\n";
  write_file(file, page("Does it help? – kizu compare", body));
}

}  // namespace kizu::report
