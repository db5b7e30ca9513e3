#include "report/report.h"

#include <algorithm>

#include "core/utf8.h"
#include "pipeline/workspace.h"
#include "verbs.h"

namespace kizu {
namespace {
namespace fs = std::filesystem;

bool is_run(const fs::path& folder) {
  return fs::is_regular_file(folder / "settings.json");
}

/// The runs in `out`, where kizu run had several categories to do; none where `out` is no folder of them.
std::vector<std::string> categories_in(const fs::path& out) {
  std::vector<std::string> names;
  if (is_run(out) || !fs::is_directory(out)) return names;
  for (const auto& entry : fs::directory_iterator(out))
    if (is_run(entry.path())) names.push_back(utf8(entry.path().filename()));
  std::sort(names.begin(), names.end());
  return names;
}

void write_page(const fs::path& run, Program& program) {
  pipeline::Workspace::open(run, 0);  // or says what the folder is not
  report::write_report(run);
  program.observer.said("report: " + utf8(run / "report.html"));
}

}  // namespace

void add_report(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("report", "Write the page that shows a run");
  verb->footer(
      "Example:\n"
      "  kizu report --out screw-run\n"
      "Writes OUT/report.html, one file that needs nothing else; where OUT holds the runs of several "
      "categories, the page of each and in OUT/report.html all of them.");
  const auto out = std::make_shared<std::string>();
  verb->add_option("--out", *out, "Run folder, or that of several categories")->required();
  verb->callback([out, &program] {
    const auto folder = fs::u8path(*out);
    const auto names = categories_in(folder);
    if (names.empty()) return write_page(folder, program);
    for (const auto& name : names) write_page(folder / fs::u8path(name), program);
    report::write_index(folder / "report.html", names);
    program.observer.said("all categories: " + utf8(folder / "report.html"));
  });
}

}  // namespace kizu
