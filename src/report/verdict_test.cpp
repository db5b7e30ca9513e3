#include "report/verdict.h"

#include <gmock/gmock.h>

#include "report/fake_run.h"
#include "report/html.h"

namespace kizu::report {
namespace {
using testing::HasSubstr;
using testing::Not;

Verdict verdict_of(const FakeRun::Wishes& wishes) {
  const FakeRun run(wishes);
  return judge(read_record(run.folder()));
}

std::string all(const Verdict& verdict) {
  std::string text = verdict.headline;
  for (const std::string& sentence : verdict.sentences) text += "\n" + sentence;
  return text;
}

TEST(Verdict, SaysWhenItGotBetter) {
  const Verdict verdict = verdict_of({});
  EXPECT_EQ(verdict.finding, Finding::better);
  EXPECT_THAT(verdict.headline, HasSubstr("Yes"));
  EXPECT_THAT(all(verdict), HasSubstr("pixel AP goes from 0.400 to 0.600 (+0.200)"));
  EXPECT_THAT(all(verdict),
              HasSubstr("12 of 12 photos with a defect got better, 0 worse, 0 stayed the same"));
  EXPECT_THAT(all(verdict), HasSubstr("less than 1 in 1000 cases"));
  EXPECT_THAT(all(verdict), HasSubstr("reach 0.200 pixel AP: less than the model after"));
}

TEST(Verdict, SaysPlainlyWhenItGotWorse) {
  FakeRun::Wishes wishes;
  wishes.after = 0.3;
  const Verdict verdict = verdict_of(wishes);
  EXPECT_EQ(verdict.finding, Finding::worse);
  EXPECT_THAT(verdict.headline, HasSubstr("worse"));
  EXPECT_THAT(verdict.headline, Not(HasSubstr("Yes")));
  EXPECT_THAT(all(verdict), HasSubstr("(−0.100)"));
}

TEST(Verdict, SaysWhenPhotosAreTooFew) {
  FakeRun::Wishes wishes;
  wishes.test_photos = 5;
  const Verdict few = verdict_of(wishes);
  EXPECT_EQ(few.finding, Finding::too_few);
  EXPECT_THAT(few.headline, HasSubstr("Too few test photos to tell"));
  EXPECT_THAT(all(few), HasSubstr("0.400 to 0.600"));
  wishes.test_photos = 6;
  EXPECT_EQ(verdict_of(wishes).finding, Finding::better);
}

TEST(Verdict, PhotosOfOnePieceCountOnce) {
  FakeRun::Wishes wishes;
  wishes.group = "tile 7";
  const Verdict verdict = verdict_of(wishes);
  EXPECT_EQ(verdict.finding, Finding::too_few);
  EXPECT_THAT(verdict.headline, HasSubstr("1 independent piece "));
}

TEST(Verdict, NoChangeIsNoDifference) {
  FakeRun::Wishes wishes;
  wishes.after = wishes.before;
  const Verdict verdict = verdict_of(wishes);
  EXPECT_EQ(verdict.finding, Finding::unclear);
  EXPECT_THAT(all(verdict), HasSubstr("12 stayed the same"));
}

TEST(Verdict, MixedWhenWholePhotosAreToldApartLessWell) {
  FakeRun::Wishes wishes;
  wishes.image_after = 0.7;
  const Verdict verdict = verdict_of(wishes);
  EXPECT_EQ(verdict.finding, Finding::mixed);
  EXPECT_THAT(verdict.headline, HasSubstr("Mixed"));
}

TEST(Verdict, SaysWhatToTryNext) {
  const Verdict good = verdict_of({});
  ASSERT_FALSE(good.next.empty());
  EXPECT_THAT(good.next[0], HasSubstr("More shots of crack"));
  EXPECT_THAT(good.next[0], HasSubstr("pixel AP 0.6"));
  FakeRun::Wishes wishes;
  wishes.after = 0.3;
  const Verdict worse = verdict_of(wishes);
  EXPECT_THAT(worse.next.at(0), HasSubstr("localizer-before"));
  wishes.after = 0.95;
  for (const std::string& step : verdict_of(wishes).next) EXPECT_THAT(step, Not(HasSubstr("More shots")));
  wishes.test_photos = 4;
  EXPECT_THAT(verdict_of(wishes).next.at(0), HasSubstr("More test photos"));
}

TEST(Verdict, SaysWhatToTryWhereFewPairsPassed) {
  const FakeRun run({});
  Record record = read_record(run.folder());
  record.pairs = Pairs{{{"pits", 10, 6, 0, 4}}, {}, std::vector<Pair>(4)};
  for (auto& pair : record.pairs->dropped) pair.type = "pits", pair.reason = "unlike the real shots: 4";
  EXPECT_THAT(next_steps(record, Finding::better),
              testing::Contains(HasSubstr("Better pairs of pits: only 6")));
  for (auto& pair : record.pairs->dropped) pair.lost = true;
  EXPECT_THAT(next_steps(record, Finding::better), testing::Contains(HasSubstr("a larger --pairs")));
}

TEST(Verdict, SaysWhatIsMissing) {
  const FakeRun run({});
  run.remove("evaluation-before");
  const Verdict verdict = judge(read_record(run.folder()));
  EXPECT_EQ(verdict.finding, Finding::missing);
  EXPECT_THAT(all(verdict), HasSubstr("evaluation-before"));
  EXPECT_THAT(all(verdict), Not(HasSubstr("evaluation-after")));
}

TEST(SignFlip, IsExactForFewChanges) {
  EXPECT_DOUBLE_EQ(sign_flip_p({1, 1, 1, 1, 1, 1}), 2.0 / 64);
  EXPECT_DOUBLE_EQ(sign_flip_p({1, 1, -1}), 1.0);      // |sum| 1: reached by all 8 patterns
  EXPECT_DOUBLE_EQ(sign_flip_p({3, 2, -1}), 4.0 / 8);  // sums 6, 4, 2, 0 and their negatives
  EXPECT_DOUBLE_EQ(sign_flip_p({}), 1.0);
  EXPECT_DOUBLE_EQ(sign_flip_p({0, 0, 0, 0, 0, 0, 0}), 1.0);
}

TEST(SignFlip, ApproximatesTheBinomialForMany) {
  // 40 equal changes, 26 up: two-sided binomial probability of at least 26 or at most 14 is 0.0807.
  std::vector<double> changes(40, 0.1);
  for (std::size_t i = 0; i < 14; i++) changes[i] = -0.1;
  EXPECT_NEAR(sign_flip_p(changes), 0.0807, 0.005);
  EXPECT_EQ(sign_flip_p(changes), sign_flip_p(changes));
}

TEST(Numbers, AreWrittenAlike) {
  EXPECT_EQ(fixed(0.12345), "0.123");
  EXPECT_EQ(fixed(std::nullopt), "–");
  EXPECT_EQ(fixed(-0.0001), "0.000");
  EXPECT_EQ(signed_fixed(-0.5), "−0.500");
  EXPECT_EQ(signed_fixed(0.0002), "±0.000");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(coordinate(12.5), "12.5");
  EXPECT_EQ(duration(3725.0), "1 h 02 min");
  EXPECT_EQ(duration(59.7), "1 min 00 s");
  EXPECT_EQ(bytes(2.5e9), "2.50 GB");
  EXPECT_EQ(count(1, "photo") + ", " + count(2, "photo"), "1 photo, 2 photos");
}

TEST(Html, EscapesAndEncodes) {
  EXPECT_EQ(escape("<a href='x'>&\"\x01"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\xEF\xBF\xBD");
  EXPECT_EQ(data_uri("image/png", ""), "data:image/png;base64,");
  EXPECT_EQ(data_uri("x/y", "M"), "data:x/y;base64,TQ==");
  EXPECT_EQ(data_uri("x/y", "Ma"), "data:x/y;base64,TWE=");
  EXPECT_EQ(data_uri("x/y", "Man"), "data:x/y;base64,TWFu");
}

}  // namespace
}  // namespace kizu::report
