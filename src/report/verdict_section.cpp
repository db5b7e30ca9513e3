#include "report/html.h"
#include "report/sections.h"

namespace kizu::report {
namespace {

std::string css_class(Finding finding) {
  switch (finding) {
    case Finding::better:
      return "better";
    case Finding::worse:
      return "worse";
    case Finding::mixed:
      return "mixed";
    default:
      return "unclear";
  }
}

std::string tile(const std::string& name, const std::string& figure, const std::string& remark) {
  return "<div class=\"tile\"><dt>" + name + "</dt><dd>" + figure + "<small>" + remark +
         "</small></dd></div>\n";
}

std::string metric_tile(const Record& record, std::size_t metric) {
  const auto& before = record.arms[kBefore].evaluation;
  const auto& after = record.arms[kAfter].evaluation;
  if (!before || !after) return "";
  const Value a = before->overall.metrics[metric], b = after->overall.metrics[metric];
  const Value by = a && b ? Value(*b - *a) : std::nullopt;
  return tile(kMetrics[metric].name, fixed(a) + " → <b>" + fixed(b) + "</b>", signed_fixed(by));
}

}  // namespace

std::string verdict_section(const Record& record, const Verdict& verdict) {
  std::string tiles =
      metric_tile(record, kPixelAp) + metric_tile(record, kAuPro) + metric_tile(record, kImageAuroc);
  if (record.split) {
    long long shots = 0;
    for (const SplitPhoto& photo : record.split->photos) shots += photo.side == "shot";
    tiles += tile("Learned from", "<b>" + std::to_string(shots) + "</b> " + (shots == 1 ? "shot" : "shots"),
                  count(static_cast<long long>(record.split->types.size()), "type") + " of defect");
  }
  if (record.pairs) {
    const std::size_t made = record.pairs->kept.size();
    tiles += tile("Generated", "<b>" + std::to_string(made) + "</b> " + (made == 1 ? "pair" : "pairs"),
                  std::to_string(record.pairs->dropped.size()) + " dropped");
  }
  std::string sentences;
  for (const std::string& sentence : verdict.sentences) sentences += "<li>" + escape(sentence) + "</li>\n";
  std::string next;
  for (const std::string& step : verdict.next) next += "<li>" + escape(step) + "</li>\n";
  if (!next.empty()) next = "<h3>What to try next</h3>\n<ol>" + next + "</ol>\n";
  return "<section id=\"verdict\" class=\"" + css_class(verdict.finding) +
         "\"><h2>Do the generated pairs make the model better?</h2>\n<p class=\"headline\">" +
         escape(verdict.headline) + "</p>\n" +
         (tiles.empty() ? "" : "<dl class=\"tiles\">" + tiles + "</dl>\n") + "<ul>" + sentences + "</ul>\n" +
         next + "</section>\n\n";
}

}  // namespace kizu::report
