#include "report/report.h"

#include <gmock/gmock.h>

#include <regex>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "image/codec.h"
#include "report/fake_run.h"

namespace kizu::report {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

int count_of(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

/// Every element that is opened is closed, in order; void elements aside.
void expect_balanced(const std::string& html) {
  static const std::regex tag("<(/?)([a-z][a-z0-9]*)([^>]*)>");
  std::vector<std::string> open;
  for (std::sregex_iterator it(html.begin(), html.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2], rest = (*it)[3];
    if (name == "meta" || name == "img" || name == "input" || name == "br" ||
        (!rest.empty() && rest.back() == '/'))
      continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << "</" << name << "> closes nothing";
    ASSERT_EQ(open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Report, ShowsEveryPart) {
  const FakeRun run({});
  const std::string html = report_of(run);
  expect_balanced(html);
  for (const char* id : {"verdict", "results", "pairs", "curves", "misses", "yield", "masks", "training",
                         "input", "costs", "settings"})
    EXPECT_THAT(html, HasSubstr("<section id=\"" + std::string(id) + "\"")) << id;
  EXPECT_THAT(html, HasSubstr("0.400 → <b>0.600</b>"));
  EXPECT_THAT(html, HasSubstr("▲ +0.200"));
  EXPECT_THAT(html, HasSubstr("1 min 15 s"));
  EXPECT_THAT(html, HasSubstr("1.23 GB"));
  EXPECT_THAT(html, HasSubstr(std::string(64, 'f')));
  EXPECT_THAT(html, HasSubstr("from 000.png, mirrored, turned 12°, ×1.10"));
  EXPECT_THAT(html, HasSubstr("a faint spot"));
  EXPECT_THAT(html, HasSubstr("75 %"));
  EXPECT_THAT(html, Not(HasSubstr("not to be found")));
}

TEST(Report, ClaimsOneBudgetOnlyWhereTheOptionsSaySo) {
  const FakeRun run({});
  EXPECT_THAT(report_of(run), HasSubstr("the same options, the seed included"));
  const fs::path file = run.folder() / "localizer-after" / "run.json";
  Json changed = read_json(file);
  changed["options"]["seed"] = 8;
  write_json(file, changed);
  EXPECT_THAT(report_of(run), HasSubstr("differ in these options only: seed."));
}

TEST(Report, AsksForNothingFromOutside) {
  const FakeRun run({});
  const std::string html = report_of(run);
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  // 2 shots, 3 pairs, 1 dropped: two pictures each; 4 masks; a miss and four that were helped: three each.
  EXPECT_EQ(count_of(html, "<img "), 2 * 6 + 4 + 3 * 5);
  EXPECT_EQ(count_of(html, "src=\"data:image/"), count_of(html, "src="));
  EXPECT_EQ(count_of(html, "alt=\""), count_of(html, "<img "));
  EXPECT_EQ(count_of(html, "alt=\"\""), 0);
  const std::regex link("href=\"([^#][^\"]*)\"");
  EXPECT_FALSE(std::regex_search(html, link));
}

TEST(Report, EscapesEveryName) {
  const FakeRun run([] {
    FakeRun::Wishes wishes;
    wishes.type = "<script>alert('x')&\"onload=\"";
    return wishes;
  }());
  // The name holds a slash-free tag; it is a folder name like any other.
  const std::string html = report_of(run);
  expect_balanced(html);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("\"onload=\"")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&amp;&quot;onload=&quot;"));
  EXPECT_THAT(html, HasSubstr("<h1>a &lt;b&gt;part&lt;/b&gt;</h1>"));
  EXPECT_THAT(html, HasSubstr("leaks &lt;outside&gt; the mask"));
  EXPECT_EQ(count_of(html, "<img "), 2 * 6 + 4 + 3 * 5);
}

TEST(Report, SameRunGivesTheSameBytes) {
  const FakeRun run({});
  const std::string first = report_of(run);
  EXPECT_EQ(first, report_of(run));
}

TEST(Report, ASingleLookAtHeldOutPairsIsNoCurve) {
  const FakeRun run({});
  const std::string title = "Training: on held-out pairs";
  EXPECT_THAT(report_of(run), HasSubstr(title));
  for (const char* arm : {"before", "after", "perlin"})
    write_json(run.folder() / (std::string("localizer-") + arm) / "curve.json",
               {{"steps", {1, 2}}, {"loss", {0.5, 0.2}}, {"held_out", {{2, 0.9}}}});
  EXPECT_THAT(report_of(run), Not(HasSubstr(title)));
}

TEST(Report, EachPartMayBeMissing) {
  for (const char* part :
       {"split", "learn", "masks", "pairs", "localizer-before", "localizer-after", "localizer-perlin",
        "evaluation-before", "evaluation-after", "evaluation-perlin"}) {
    const FakeRun run({});
    run.remove(part);
    const std::string html = report_of(run);
    expect_balanced(html);
    EXPECT_THAT(html, HasSubstr("class=\"headline\"")) << part;
  }
}

TEST(Report, AnEmptyRunIsANoteEverywhere) {
  const FakeRun run({});
  for (const auto& entry : fs::directory_iterator(run.folder())) fs::remove_all(entry.path());
  const std::string html = report_of(run);
  expect_balanced(html);
  EXPECT_THAT(html, HasSubstr("No verdict yet"));
  EXPECT_THAT(html, HasSubstr("No pairs have been generated yet."));
  EXPECT_THAT(html, HasSubstr("No step has been run yet."));
  EXPECT_EQ(count_of(html, "<img "), 0);
}

TEST(Report, PhotosThatHaveGoneAreANote) {
  const FakeRun run({});
  fs::remove_all(run.folder().parent_path() / "data");
  const std::string html = report_of(run);
  EXPECT_THAT(html, HasSubstr("no longer where the run found them"));
  EXPECT_THAT(html, HasSubstr("The photo is not to be found."));
}

void expect_error_naming(const FakeRun& run, const std::string& file, const std::string& content) {
  write_file(run.folder() / file, content);
  try {
    write_report(run.folder());
    FAIL() << file << " was accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(file));
  }
  EXPECT_FALSE(fs::exists(run.report()));
}

TEST(Report, BrokenFilesAreErrorsThatNameThem) {
  const FakeRun split({}), pairs({}), metrics({}), curve({}), run({});
  expect_error_naming(split, "split/split.json", "{\"photos\": 3}");
  expect_error_naming(pairs, "pairs/pairs.json", "{\"pairs\": [");
  expect_error_naming(metrics, "evaluation-after/metrics.json", "{\"overall\": {\"pixel_ap\": \"good\"}}");
  expect_error_naming(curve, "learn/curve.json", "[]");
  expect_error_naming(run, "pairs/run.json", "7");
}

TEST(Report, BrokenPictureIsAnErrorThatNamesIt) {
  const FakeRun run({});
  expect_error_naming(run, "pairs/crack/001.image.png", "not a picture");
}

TEST(Report, MissingRunFolderIsAnError) {
  EXPECT_THROW(write_report("/nonexistent/run"), Error);
}

TEST(Report, StaysSmallWithLargePhotos) {
  const FakeRun run({});
  Image large = Image::blank(900, 1200, 3);
  std::uint32_t state = 1;
  for (std::uint16_t& value : large.values) value = (state = state * 1664525u + 1013904223u) >> 24;
  write_png(run.folder() / "pairs" / "crack" / "001.image.png", large);
  Mask mask = Mask::blank(900, 1200);
  for (std::size_t i = 0; i < mask.values.size(); i++) mask.values[i] = i / 3 % 2;  // an outline like a comb
  write_png(run.folder() / "pairs" / "crack" / "001.mask.png", mask);
  EXPECT_LT(report_of(run).size(), 1'500'000u);
}

TEST(Index, ListsEveryCategoryWithItsVerdict) {
  const FakeRun run({});
  const fs::path out = run.folder().parent_path() / "index.html";
  write_index(out, {"run"});
  const std::string html = read_file(out);
  expect_balanced(html);
  EXPECT_THAT(html, HasSubstr("<a href=\"run/report.html\">run</a>"));
  EXPECT_THAT(html, HasSubstr("Yes, it helped"));
  EXPECT_THAT(html, HasSubstr("0.400 → <b>0.600</b>"));
}

TEST(Index, AFolderNameCannotBecomeMarkupOrAScheme) {
  const FakeRun run({});
  const std::string name = "javascript:a\"b c";
  fs::rename(run.folder(), run.folder().parent_path() / name);
  const fs::path out = run.folder().parent_path() / "index.html";
  write_index(out, {name});
  const std::string html = read_file(out);
  EXPECT_THAT(html, HasSubstr("href=\"javascript%3Aa%22b%20c/report.html\""));
}

}  // namespace
}  // namespace kizu::report
