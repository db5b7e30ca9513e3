#include <algorithm>
#include <cmath>

#include "report/fields.h"
#include "report/html.h"
#include "report/sections.h"

namespace kizu::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// With three significant digits, for values whose scale is not known beforehand.
std::string significant(const Value& value) {
  if (!value || *value == 0) return fixed(value, 0);
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(*value))));
  return fixed(value, std::max(0, std::min(8, 2 - magnitude)));
}

std::string alignment_table(const Fields& all) {
  const auto percent = [](const Value& share) {
    return share ? fixed(100 * *share, 1) + " %" : fixed(share);
  };
  Rows rows;
  for (const Fields& type : all.objects("types")) {
    const Fields a = type.object("alignment");
    rows.push_back({escape(type.text("type")), std::to_string(type.whole("pairs")), fixed(a.number("auroc")),
                    fixed(a.number("auroc_unblended")), percent(a.number("visible")),
                    percent(a.number("leak"))});
  }
  return table(
      "How well the change keeps to its mask",
      {"Type", "Pairs", "AUROC", "AUROC, not blended", "Mask visibly changed", "Surroundings changed"}, rows,
      "numbers");
}

std::string frechet_table(const Fields& all) {
  Rows rows;
  for (const Fields& type : all.objects("types"))
    for (const Fields& set : type.objects("frechet"))
      rows.push_back({escape(type.text("type")) + " <small>" + escape(set.text("features")) + "</small>",
                      significant(set.number("real")), significant(set.number("pairs")),
                      significant(set.number("crop_paste")), std::to_string(set.whole("pictures"))});
  return table("Frechet distance to real defects: small is good, as small as real against real is best",
               {"Type and features", "Real against real", "Pairs", "Crop-paste", "Pictures in each set"},
               rows, "numbers");
}

std::string statistics_table(const Fields& all) {
  Rows rows;
  for (const Fields& type : all.objects("types"))
    for (const Fields& row : type.objects("statistics"))
      rows.push_back({escape(type.text("type")) + " <small>" + escape(row.text("name")) + "</small>",
                      fixed(row.object("real").number("mean"), 1),
                      fixed(row.object("pairs").number("mean"), 1), signed_fixed(row.number("pairs_off"), 2),
                      signed_fixed(row.number("crop_paste_off"), 2)});
  return table("Contrast and texture inside the defect; how far off in standard deviations of the real ones",
               {"Type and statistic", "Real", "Pairs", "Pairs off by", "Crop-paste off by"}, rows, "numbers");
}

std::string diversity_table(const Fields& all) {
  Rows rows;
  for (const Fields& type : all.objects("types"))
    for (const Fields& row : type.objects("diversity")) {
      const Fields among = row.object("among"), nearest = row.object("nearest_shot");
      const auto median = [&](const char* of) { return significant(nearest.object(of).number("median")); };
      rows.push_back({escape(type.text("type")) + " <small>" + escape(row.text("distance")) + "</small>",
                      significant(among.number("real")), significant(among.number("pairs")),
                      significant(among.number("crop_paste")), median("real"), median("pairs"),
                      median("crop_paste"), significant(row.number("ic")),
                      significant(row.number("ic_masked"))});
    }
  return table("Diversity of the defects, and their distance to the nearest shot (near 0: a copy)",
               {"Type and distance", "Among real", "Among pairs", "Among crop-paste", "Real to shot",
                "Pairs to shot", "Crop-paste to shot", "IC", "IC, masked"},
               rows, "numbers");
}

std::string score_line(const Fields& all) {
  if (all.any("inception_score").is_null()) return "";
  const Fields score = all.object("inception_score");
  return "<p>Inception score by " + escape(score.text("network")) + ": pairs " +
         fixed(score.number("pairs"), 2) + ", real defects " + fixed(score.number("real"), 2) +
         ", crop-paste " + fixed(score.number("crop_paste"), 2) +
         ". Published scores are of Inception v3 and cannot be compared.</p>\n";
}

}  // namespace

std::string quality_section(const Record& record) {
  const auto file = record.folder / "quality" / "quality.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return section("quality", "How good are the pictures themselves?",
                   note("Not measured yet: <code>kizu quality --out</code> and this run's folder."));
  const Json json = read_json(file);
  const Fields all(json, file.string());
  std::string body =
      "<p>Measured inside the defects, against real defects that nothing learned from, with crop-paste of "
      "the "
      "shots as a yardstick.</p>\n" +
      alignment_table(all) + frechet_table(all) + diversity_table(all) + score_line(all) +
      "<details><summary>Contrast and texture</summary>\n" + statistics_table(all) + "</details>\n";
  for (const Json& sentence : all.any("missing"))
    if (sentence.is_string()) body += note(escape(sentence.get<std::string>()));
  return section("quality", "How good are the pictures themselves?", body);
}

}  // namespace kizu::report
