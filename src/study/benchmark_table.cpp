#include "study/benchmark_table.h"

#include <cstdio>

namespace kizu::study {
namespace {

namespace fs = std::filesystem;

std::optional<double> number(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_number() ? std::optional<double>(json[key].get<double>())
                                                     : std::nullopt;
}

std::optional<double> percent(const std::optional<double>& share) {
  return share ? std::optional<double>(100 * *share) : share;
}

/// Mean IC-LPIPS of the types by the first perceptual distance.
std::optional<double> ic_lpips(const Json& quality) {
  double sum = 0, count = 0;
  for (const auto& type : quality.at("types")) {
    const auto& rows = type.at("diversity");
    if (rows.empty()) continue;
    if (const auto value = number(rows[0], "ic")) sum += *value, count++;
  }
  return count > 0 ? std::optional<double>(sum / count) : std::nullopt;
}

Json row(const std::string& name, const Figures& ours, const Figures& published) {
  return {{"name", name}, {"ours", to_json(ours)}, {"published", to_json(published)}};
}

/// The published figures of those categories that were carried out.
CategoryFigures same_categories(const CategoryFigures& ours) {
  CategoryFigures same;
  for (const auto& [name, figures] : published_figures())
    if (ours.count(name)) same[name] = figures;
  return same;
}

Figures published_of(const std::string& category) {
  const auto found = published_figures().find(category);
  return found == published_figures().end() ? Figures() : found->second;
}

std::string cell(const Json& value, const std::string& key) {
  if (!value.is_number()) return "       -";
  char text[32];
  const bool share = key != kFigureKeys[kInceptionScore] && key != kFigureKeys[kIcLpips];
  std::snprintf(text, sizeof text, share ? "%8.1f" : "%8.2f", value.get<double>());
  return text;
}

std::string text_row(const Json& row, const Json& columns) {
  std::string lines;
  for (const char* whose : {"ours", "published"}) {
    char name[64];
    std::snprintf(name, sizeof name, "%-34.34s %-9s",
                  whose == std::string("ours") ? row.at("name").get<std::string>().c_str() : "", whose);
    lines += name;
    for (const auto& column : columns) {
      const auto key = column.at("key").get<std::string>();
      lines += cell(row.at(whose).at(key), key);
    }
    lines += '\n';
  }
  return lines;
}

}  // namespace

Figures figures_of(const pipeline::Workspace& workspace, const std::string& localizer) {
  Figures figures;
  const auto metrics = read_json(workspace.step("evaluation-" + localizer) / "metrics.json").at("overall");
  for (int f = kPixelAuroc; f <= kImageF1; f++) figures[f] = percent(number(metrics, kFigureKeys[f]));
  const auto accuracy = workspace.step("classifier") / "accuracy.json";
  if (fs::exists(accuracy)) figures[kAccuracy] = percent(number(read_json(accuracy), "accuracy"));
  const auto quality = read_json(workspace.step("quality") / "quality.json");
  if (quality.at("inception_score").is_object())
    figures[kInceptionScore] = number(quality["inception_score"], "pairs");
  figures[kIcLpips] = ic_lpips(quality);
  return figures;
}

Json benchmark_json(const CategoryFigures& ours, int64_t of, const std::vector<std::string>& remarks) {
  Json columns = Json::array(), rows = Json::array(), means = Json::array();
  for (int f = 0; f < kFigures; f++) columns.push_back({{"key", kFigureKeys[f]}, {"name", kFigureNames[f]}});
  for (const auto& [name, figures] : ours) rows.push_back(row(name, figures, published_of(name)));
  const auto same = same_categories(ours);
  means.push_back(
      row("mean of these categories", mean_of(ours, Averaging::kAll), mean_of(same, Averaging::kAll)));
  const bool whole = same.size() == published_figures().size();
  means.push_back(row("the same as published averages go", mean_of(ours, Averaging::kPublished),
                      whole ? published_means() : mean_of(same, Averaging::kPublished)));
  if (!whole) means.push_back(row("all 15 of MVTec AD, as published", {}, published_means()));
  return {{"columns", columns},        {"rows", rows}, {"means", means},
          {"categories", ours.size()}, {"of", of},     {"remarks", remarks}};
}

std::string benchmark_text(const Json& table) {
  const auto& columns = table.at("columns");
  std::string text = "Categories done: " + std::to_string(table.at("categories").get<int64_t>()) + " of " +
                     std::to_string(table.at("of").get<int64_t>()) +
                     ". Percent, but for the last two columns.\n" + std::string(44, ' ');
  // Short heads, in the order of the columns.
  for (const char* head :
       {"pxAUROC", "pxAP", "pxF1", "AUPRO", "imAUROC", "imAP", "imF1", "class", "IS", "IC-L"}) {
    char cell[16];
    std::snprintf(cell, sizeof cell, "%8s", head);
    text += cell;
  }
  text += '\n';
  for (const auto& each : table.at("rows")) text += text_row(each, columns);
  for (const auto& each : table.at("means")) text += text_row(each, columns);
  for (const auto& remark : table.at("remarks")) text += remark.get<std::string>() + "\n";
  text +=
      "Published pixel averages leave out bottle, those of classification toothbrush (docs/quality.md).\n";
  return text;
}

}  // namespace kizu::study
