#include "core/atomic_file.h"
#include "report/html.h"
#include "report/page.h"
#include "report/record.h"
#include "report/report.h"
#include "report/verdict.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

/// A path for a link: every byte that is not plainly safe as %XX, so that no name can be more than a name.
std::string link(const std::string& folder) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : folder) {
    const auto byte = static_cast<unsigned char>(c);
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
    out += safe ? std::string(1, c) : std::string{'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out + "/report.html";
}

std::string change(const Value& before, const Value& after) {
  if (!before || !after) return fixed(before) + " → " + fixed(after);
  const double by = *after - *before;
  const std::string css_class = signed_fixed(by).find("±") == 0 ? "same" : by > 0 ? "up" : "down";
  return fixed(before) + " → <b>" + fixed(after) + "</b> <span class=\"" + css_class + "\">" +
         signed_fixed(by) + "</span>";
}

/// On a phone the table is a list and has no head: the metric's name then stands in each cell.
std::string labelled(std::size_t metric, const std::string& figures) {
  return "<span class=\"label\">" + std::string(kMetrics[metric].name) + "</span> " + figures;
}

/// Sum over the categories where both are defined, for the plain average.
struct Mean {
  double before = 0, after = 0;
  int n = 0;
};

}  // namespace

void write_index(const fs::path& out, const std::vector<std::string>& categories) {
  constexpr std::array<std::size_t, 3> kShown{kPixelAp, kAuPro, kImageAuroc};
  std::array<Mean, kShown.size()> means;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& category : categories) {
    const Record record = read_record(out.parent_path() / fs::u8path(category));
    const auto& before = record.arms[kBefore].evaluation;
    const auto& after = record.arms[kAfter].evaluation;
    std::vector<std::string> row{"<a href=\"" + link(category) + "\">" + escape(category) + "</a>",
                                 escape(judge(record).headline)};
    for (std::size_t i = 0; i < kShown.size(); i++) {
      const Value a = before ? before->overall.metrics[kShown[i]] : std::nullopt;
      const Value b = after ? after->overall.metrics[kShown[i]] : std::nullopt;
      row.push_back(labelled(kShown[i], change(a, b)));
      if (a && b) means[i].before += *a, means[i].after += *b, means[i].n++;
    }
    rows.push_back(row);
  }
  if (rows.size() > 1) {
    std::vector<std::string> row{"Plain average", ""};
    for (std::size_t i = 0; i < kShown.size(); i++)
      row.push_back(labelled(
          kShown[i], means[i].n ? change(means[i].before / means[i].n, means[i].after / means[i].n) : "–"));
    rows.push_back(row);
  }
  std::vector<std::string> head{"Category", "Do the generated pairs help?"};
  for (const std::size_t i : kShown) head.push_back(kMetrics[i].name);
  const std::string body =
      "<header><p class=\"brand\">kizu report</p><h1>All categories</h1></header>\n<main><section>\n" +
      table("Each category on its own test photos, before → after, with the difference", head, rows,
            "numbers index") +
      "</section></main>\n";
  write_file(out, page("All categories – kizu report", body));
}

}  // namespace kizu::report
