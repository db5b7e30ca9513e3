#include <gmock/gmock.h>

#include "core/error.h"
#include "core/input_file.h"
#include "core/json.h"
#include "core/scratch_folder.h"
#include "report/benchmark_page.h"
#include "report/fake_run.h"
#include "report/report.h"

namespace kizu::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Json quality() {
  const Json spread = {{"mean", 12.5}, {"sd", 2.0}};
  return {
      {"missing", {"No LPIPS: give it with --lpips <file>"}},
      {"inception_score",
       {{"network", "SqueezeNet"}, {"pairs", 1.234}, {"real", 1.5}, {"crop_paste", nullptr}}},
      {"types",
       {{{"type", "<crack>"},
         {"pairs", 42},
         {"alignment", {{"auroc", 0.987}, {"auroc_unblended", nullptr}, {"visible", 0.5}, {"leak", 0.001}}},
         {"statistics",
          {{{"name", "edge"},
            {"real", spread},
            {"pairs", spread},
            {"crop_paste", nullptr},
            {"pairs_off", 0.25},
            {"crop_paste_off", nullptr}}}},
         {"frechet",
          {{{"features", "mask shape"},
            {"real", 0.01234},
            {"pairs", 1234.5},
            {"crop_paste", nullptr},
            {"pictures", 7}}}},
         {"diversity",
          {{{"distance", "pixels"},
            {"among", {{"real", 0.1}, {"pairs", 0.2}, {"crop_paste", 0.3}}},
            {"nearest_shot",
             {{"real", {{"median", 0.4}}}, {"pairs", nullptr}, {"crop_paste", nullptr}}}}}}}}}};
}

TEST(QualitySection, ShowsTheMeasuresAndWhatIsMissing) {
  const FakeRun run({});
  std::filesystem::create_directories(run.folder() / "quality");
  write_json(run.folder() / "quality" / "quality.json", quality());
  const auto page = report_of(run);
  for (const char* part : {"&lt;crack&gt;", "0.987", "50.0 %", "0.1 %", "0.0123", ">1234<", "+0.25", "0.400",
                           "1.23", "--lpips &lt;file&gt;"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("<crack>")));
}

TEST(QualitySection, WithoutMeasuresItSaysHowToGetThem) {
  EXPECT_THAT(report_of(FakeRun({})), HasSubstr("kizu quality --out"));
}

TEST(QualitySection, ADamagedFileIsNamed) {
  const FakeRun run({});
  std::filesystem::create_directories(run.folder() / "quality");
  write_json(run.folder() / "quality" / "quality.json", {{"types", 3}});
  EXPECT_THAT(message_of<Error>([&] { write_report(run.folder()); }), HasSubstr("quality.json"));
}

TEST(BenchmarkPage, SetsThePublishedFiguresBelowOurs) {
  const ScratchFolder folder;
  const Json figures = {{"pixel_ap", 71.34}, {"inception_score", 1.567}, {"ic_lpips", nullptr}};
  const Json published = {{"pixel_ap", 81.4}, {"inception_score", 1.8}, {"ic_lpips", 0.32}};
  const Json row = {{"name", "bottle & co"}, {"ours", figures}, {"published", published}};
  write_benchmark(folder / "b.html", {{"columns",
                                       {{{"key", "pixel_ap"}, {"name", "Pixel AP"}},
                                        {{"key", "inception_score"}, {"name", "IS"}},
                                        {{"key", "ic_lpips"}, {"name", "IC"}}}},
                                      {"rows", {row}},
                                      {"means", {row}},
                                      {"categories", 1},
                                      {"of", 15},
                                      {"remarks", {"not <comparable>"}}});
  const auto page = read_file(folder / "b.html");
  for (const char* part : {"bottle &amp; co", "71.3<small>81.4", "1.57<small>1.80", "–<small>0.32",
                           "1 of 15 categories carried out", "not &lt;comparable&gt;"})
    EXPECT_THAT(page, HasSubstr(part));
}

}  // namespace
}  // namespace kizu::report
