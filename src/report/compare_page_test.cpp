#include "report/compare_page.h"

#include <gmock/gmock.h>

#include "core/input_file.h"
#include "core/scratch_folder.h"

namespace kizu::report {
namespace {
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKeys[] = {"pixel_auroc", "pixel_ap", "pixel_f1_max", "au_pro",
                                 "image_auroc", "image_ap", "image_f1_max"};

Json estimate(double mean, double half) {
  return {{"mean", mean}, {"deviation", 0.01}, {"low", mean - half}, {"high", mean + half}};
}

Json arm(const std::string& name, bool pairs, double mean) {
  Json row = {{"arm", name}, {"pairs", pairs}};
  for (const char* key : kKeys) row[key] = estimate(mean, 0.05);
  return row;
}

Json scope(const std::string& type, double by) {
  Json difference = {{"arm", "pairs"}, {"against", "crop-paste"}};
  for (const char* key : kKeys) difference[key] = estimate(by, 0.02);
  return {{"type", type},
          {"arms", {arm("crop-paste", false, 0.4), arm("pairs", true, 0.4 + by)}},
          {"differences", Json::array({difference})}};
}

Json summary(double by) {
  const Json closing = {{"finding", by > 0 ? "helped" : "hurt"},
                        {"headline", by > 0 ? "It helped: <b>." : "It hurt."},
                        {"with", "pairs"},
                        {"without", "crop-paste"},
                        {"sentences", {"Pixel AP 0.5."}}};
  const Json photos = {
      {"good_train", 20},
      {"good_test", 9},
      {"types", Json::array({{{"type", "crack"}, {"shots", 5}, {"test_photos", 11}, {"test_pieces", 4}}})}};
  const Json category = {{"name", "tile"},
                         {"split_sha256", "abc"},
                         {"photos", photos},
                         {"warnings", Json::array()},
                         {"remarks", Json::array({"few pieces of crack"})},
                         {"scopes", {scope("", by), scope("crack", by)}},
                         {"closing", closing}};
  const Json arms =
      Json::array({{{"name", "crop-paste"}, {"mix", "good:0.4,crop_paste:0.6"}, {"pairs", false}}});
  return {{"settings", {{"arms", arms}, {"seeds", {1, 2}}, {"train_steps", 600}, {"replicates", 1000}}},
          {"categories", Json::array({category})}};
}

std::string page_of(const Json& summary) {
  const ScratchFolder folder;
  write_comparison(folder / "compare.html", summary);
  return read_file(folder / "compare.html");
}

TEST(ComparePage, ShowsFindingFiguresAndProtocol) {
  const auto page = page_of(summary(0.1));
  EXPECT_THAT(page, HasSubstr("class=\"verdict better\""));
  EXPECT_THAT(page, HasSubstr("It helped: &lt;b&gt;."));
  EXPECT_THAT(page, HasSubstr("<b>0.500</b> ± 0.010<small>0.450 to\u00a00.550</small>"));
  EXPECT_THAT(page, HasSubstr("▲ +0.100</span><small>+0.080 to\u00a0+0.120"));
  EXPECT_THAT(page, HasSubstr("5 shots, 11 test photos (4 independent pieces)"));
  EXPECT_THAT(page, HasSubstr("good:0.4,crop_paste:0.6"));
  EXPECT_THAT(page, HasSubstr("600 steps"));
  EXPECT_THAT(page, HasSubstr("few pieces of crack"));
  EXPECT_THAT(page, Not(HasSubstr("Too few photos")));
  EXPECT_THAT(page, Not(HasSubstr("://")));  // asks for nothing from anywhere
}

TEST(ComparePage, SaysWhenItHurtAndWarnsOfFewPhotos) {
  auto bad = summary(-0.1);
  bad["categories"][0]["warnings"].push_back("crack has 3 test photos");
  const auto page = page_of(bad);
  EXPECT_THAT(page, HasSubstr("class=\"verdict worse\""));
  EXPECT_THAT(page, HasSubstr("▼ −0.100"));
  EXPECT_THAT(page, HasSubstr("crack has 3 test photos"));
}

TEST(ComparePage, TurnsADifferenceTowardsTheArmThatIsComparedWith) {
  auto turned = summary(0.1);
  turned["categories"][0]["closing"]["without"] = "pairs";  // the earlier arm against the later
  EXPECT_THAT(page_of(turned), HasSubstr("▼ −0.100</span><small>−0.120 to\u00a0−0.080"));
}

TEST(ComparePage, DrawsCurvesAndTheAverage) {
  auto all = summary(0.1);
  for (const int number : {1, 5, 10})
    all["categories"][0]["shots_curve"].push_back(
        {{"number", number}, {"arms", Json::array({arm("crop-paste", false, 0.2 + 0.01 * number)})}});
  all["average"] = {{"scopes", Json::array({scope("", 0.1)})}, {"closing", all["categories"][0]["closing"]}};
  const auto page = page_of(all);
  EXPECT_THAT(page, HasSubstr("shots of each type"));
  EXPECT_THAT(page, HasSubstr("crop-paste: 0.210 0.250 0.300"));
  EXPECT_THAT(page, HasSubstr("Average of the categories"));
}

}  // namespace
}  // namespace kizu::report
