#include "report/report.h"

#include "verbs.h"

namespace kizu {

void add_report(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("report", "Write the page that shows a run");
  verb->footer(
      "Example:\n"
      "  kizu report --out screw-run\n"
      "Writes OUT/report.html, one file that needs nothing else.");
  const auto out = std::make_shared<std::string>();
  verb->add_option("--out", *out, "Run folder")->required();
  verb->callback([out, &program] {
    report::write_report(std::filesystem::u8path(*out));
    program.observer.said("report: " + *out + "/report.html");
  });
}

}  // namespace kizu
