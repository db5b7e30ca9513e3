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
  return tile(kMetrics[metric].name, fixed(a) + " → <b>" + fixed(b) + "</b>",
              signed_fixed(by) + " before → after");
}

}  // namespace

std::string verdict_section(const Record& record, const Verdict& verdict) {
  std::string body = "<p class=\"headline\">" + escape(verdict.headline) + "</p>\n<ul>";
  for (const std::string& sentence : verdict.sentences) body += "<li>" + escape(sentence) + "</li>\n";
  body += "</ul>\n<dl class=\"tiles\">" + metric_tile(record, kPixelAp) + metric_tile(record, kAuPro) +
          metric_tile(record, kImageAuroc);
  if (record.split) {
    long long shots = 0;
    for (const SplitPhoto& photo : record.split->photos) shots += photo.side == "shot";
    body += tile("Learned from", "<b>" + std::to_string(shots) + "</b> shots",
                 count(static_cast<long long>(record.split->types.size()), "type") + " of defect");
  }
  if (record.pairs)
    body += tile("Generated", "<b>" + std::to_string(record.pairs->kept.size()) + "</b> pairs",
                 std::to_string(record.pairs->dropped.size()) + " dropped");
  return "<section id=\"verdict\" class=\"" + css_class(verdict.finding) +
         "\"><h2>Do the generated pairs make the model better?</h2>\n" + body + "</dl></section>\n\n";
}

}  // namespace kizu::report
