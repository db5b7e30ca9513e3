#include "report/report.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "report/html.h"
#include "report/page.h"
#include "report/record.h"
#include "report/sections.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

constexpr const char* kContents =
    "<nav aria-label=\"Contents\"><a href=\"#results\">Results</a> <a href=\"#pairs\">Pictures</a> <a "
    "href=\"#curves\">Curves</a> <a href=\"#yield\">Yield</a> <a href=\"#misses\">Misses</a> <a "
    "href=\"#input\">Input</a> <a "
    "href=\"#costs\">Time</a> <a href=\"#settings\">Settings</a></nav>\n";

}  // namespace

void write_report(const fs::path& run_folder) {
  const Record record = read_record(run_folder);
  const std::string body =
      "<header><p class=\"brand\">kizu report</p><h1>" + escape(record.name) + "</h1>\n" + kContents +
      "</header>\n<main>\n" + verdict_section(record, judge(record)) + results_section(record) +
      pairs_section(record) + quality_section(record) + curves_section(record) + misses_section(record) +
      yield_section(record) + masks_section(record) + training_section(record) + input_section(record) +
      costs_section(record) + settings_section(record) + "</main>\n" +
      "<footer><p>Generated pictures are synthetic and say so in their PNG text.</p></footer>\n";
  write_file(run_folder / "report.html", page(record.name + " – kizu report", body));
}

}  // namespace kizu::report
