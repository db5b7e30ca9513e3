#include "report/benchmark_page.h"

#include "core/atomic_file.h"
#include "report/fields.h"
#include "report/html.h"
#include "report/page.h"

namespace kizu::report {
namespace {

/// Ours, and below it, smaller, what was published.
std::string cell(const Fields& row, const std::string& key, int decimals) {
  return fixed(row.object("ours").number(key), decimals) + "<small>" +
         fixed(row.object("published").number(key), decimals) + "</small>";
}

}  // namespace

void write_benchmark(const std::filesystem::path& file, const Json& json) {
  const Fields all(json, file.string());
  std::vector<std::string> head{"Category"};
  for (const Fields& column : all.objects("columns")) head.push_back(escape(column.text("name")));
  std::vector<std::vector<std::string>> rows;
  for (const char* part : {"rows", "means"})
    for (const Fields& row : all.objects(part)) {
      const auto name = escape(row.text("name"));
      std::vector<std::string> cells{part == std::string("means") ? "<b>" + name + "</b>" : name};
      const auto columns = all.objects("columns");
      for (std::size_t i = 0; i < columns.size(); i++)  // the last two are no shares
        cells.push_back(cell(row, columns[i].text("key"), i + 2 < columns.size() ? 1 : 2));
      rows.push_back(std::move(cells));
    }
  std::string body =
      "<header><p class=\"brand\">kizu benchmark</p><h1>The published "
      "protocol</h1></header>\n<main><section>\n"
      "<p>" +
      std::to_string(all.whole("categories")) + " of " + std::to_string(all.whole("of")) +
      " categories carried out. Shares in percent; below each, smaller, what AnomalyDiffusion reports of "
      "itself.</p>\n" +
      table("Trained on generated pairs and good photos alone, measured on real photos", head, rows,
            "numbers");
  body += "<ul>";
  for (const Json& remark : all.any("remarks"))
    if (remark.is_string()) body += "<li>" + escape(remark.get<std::string>()) + "</li>\n";
  body +=
      "<li>The published averages of pixel figures leave out bottle, that of classification leaves out "
      "toothbrush; both forms stand in the table.</li></ul>\n</section></main>\n";
  write_file(file, page("Benchmark – kizu", body));
}

}  // namespace kizu::report
