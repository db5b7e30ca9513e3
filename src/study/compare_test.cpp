#include "study/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/scratch_folder.h"
#include "metrics/pixel_metrics.h"
#include "pipeline/score_file.h"
#include "study/compare_group.h"
#include "tensor/noise.h"

namespace kizu::study {
namespace {

using testing::HasSubstr;

constexpr int kSide = 24;

// A split of two types with 12 test photos each, pieces of two photos, and 12 good ones.
dataset::Split split_of(int defects = 12, int good = 12) {
  dataset::Split split{"plate", {}, {}};
  const auto add = [&](const std::string& type, const std::string& name, dataset::Side side, int number) {
    const bool defect = type != dataset::kGood;
    split.photos.push_back({type + "/" + name + ".png", defect ? type + "/" + name + "_mask.png" : "", type,
                            defect ? type + std::to_string(number / 2) : "", side, "", std::string(64, 'a'),
                            defect ? std::string(64, 'b') : ""});
  };
  for (int i = 0; i < 4; i++) add(dataset::kGood, "t" + std::to_string(i), dataset::Side::good_train, i);
  for (int i = 0; i < good; i++) add(dataset::kGood, "g" + std::to_string(i), dataset::Side::good_test, i);
  for (const char* type : {"pit", "scratch"}) {
    add(type, "shot", dataset::Side::shot, 100);
    for (int i = 0; i < defects; i++) add(type, std::to_string(i), dataset::Side::test, i);
  }
  return split;
}

// A score map in which defect pixels stand out by `skill`.
metrics::ScoredImage scored(bool defect, double skill, uint64_t seed) {
  NoiseStream random(seed);
  metrics::ScoredImage image{kSide, kSide, {}, std::vector<uint8_t>(kSide * kSide, 0), {}};
  for (int i = 0; i < kSide * kSide; i++) {
    if (defect && i / kSide >= 8 && i / kSide < 13 && i % kSide >= 4 && i % kSide < 11) image.mask[i] = 1;
    const double odds = 1.5 * random.normal() - 3 + skill * image.mask[i];
    image.scores.push_back(static_cast<float>(1 / (1 + std::exp(-odds))));
  }
  return image;
}

// An evaluation folder as evaluate_step writes it, with only what the summary reads.
void fake_evaluation(const std::filesystem::path& folder, const dataset::Split& split, double skill,
                     uint64_t seed) {
  const TestPhotos photos(split, 0);
  std::vector<metrics::ScoreBins> bins;
  Json scored_photos = Json::array();
  std::vector<metrics::PixelEvaluation> pixels(3);
  std::vector<std::vector<metrics::Scored>> images(3);
  for (std::size_t i = 0; i < photos.photos().size(); i++) {
    const auto& photo = photos.photos()[i];
    const bool defect = !photo.mask.empty();
    const auto image = scored(defect, skill, mix(seed, "photo", i));
    const double score = *std::max_element(image.scores.begin(), image.scores.end());
    bins.push_back(metrics::count_scores(image));
    scored_photos.push_back({{"photo", photo.image}, {"image_score", score}});
    for (std::size_t scope = 0; scope < 3; scope++) {
      if (defect && scope > 0 && !photos.scopes()[scope].has[i]) continue;
      pixels[scope].add(image);
      images[scope].push_back({score, defect});
    }
  }
  Json rows = Json::array();
  for (std::size_t scope = 0; scope < 3; scope++) {
    const auto p = pixels[scope].finish();
    const auto i = metrics::rank(images[scope]);
    rows.push_back({{"pixel_auroc", *p.ranking.auroc},
                    {"pixel_ap", *p.ranking.ap},
                    {"pixel_f1_max", *p.ranking.f1_max},
                    {"au_pro", *p.au_pro},
                    {"image_auroc", *i.auroc},
                    {"image_ap", *i.ap},
                    {"image_f1_max", *i.f1_max}});
  }
  make_folders(folder);
  write_json(folder / "metrics.json",
             {{"overall", rows[0]}, {"types", {rows[1], rows[2]}}, {"photos_scored", scored_photos}});
  pipeline::write_score_bins(folder / "scores.safetensors", bins);
}

TEST(ScoreFile, GivesBackWhatWasWritten) {
  const ScratchFolder folder;
  const std::vector<metrics::ScoreBins> photos = {metrics::count_scores(scored(true, 2, 1)),
                                                  metrics::count_scores(scored(false, 0, 2))};
  pipeline::write_score_bins(folder / "scores.safetensors", photos);
  const auto read = pipeline::read_score_bins(folder / "scores.safetensors");
  ASSERT_EQ(read.size(), 2U);
  for (std::size_t i = 0; i < 2; i++) {
    EXPECT_EQ(read[i].bins, photos[i].bins);
    EXPECT_EQ(read[i].positives, photos[i].positives);
    EXPECT_EQ(read[i].negatives, photos[i].negatives);
    EXPECT_EQ(read[i].overlap, photos[i].overlap);
    EXPECT_EQ(read[i].regions, photos[i].regions);
  }
  write_file(folder / "cut.safetensors", "no tensors");
  EXPECT_THROW(pipeline::read_score_bins(folder / "cut.safetensors"), Error);
}

TEST(CompareScores, WithoutResamplingAreTheExactMetrics) {
  const ScratchFolder folder;
  const auto split = split_of();
  const CompareTraining training{{"", "plate", "", folder.path()}, "a", {}, 0};
  fake_evaluation(folder.path() / "evaluation-a", split, 2, 1);
  const TestPhotos photos(split, 400);
  const auto scores = read_scores(training, photos);
  ASSERT_EQ(scores.size(), 4U);
  for (std::size_t scope = 0; scope < 4; scope++) {
    for (std::size_t m = 0; m < kComparedCount; m++) {
      const auto& one = scores[scope][m];
      const auto spread = *metrics::mean_and_deviation(one.replicates);
      // The replicates scatter around the exact value; a metric put in another's place would not.
      EXPECT_NEAR(spread.mean, one.value, 0.03 + *spread.deviation) << kCompared[m];
    }
    EXPECT_GT(*metrics::mean_and_deviation(scores[scope][1].replicates)->deviation, 0.001);
  }
}

TEST(CompareScores, TheMeanOfTheTypesCountsEachAlike) {
  const ScratchFolder folder;
  const auto split = split_of();
  fake_evaluation(folder.path() / "evaluation-a", split, 2, 1);
  const TestPhotos photos(split, 10);
  EXPECT_EQ(photos.measured(), (std::vector<std::string>{"", "pit", "scratch", kTypesAlike}));
  const auto scores = read_scores({{"", "plate", "", folder.path()}, "a", {}, 0}, photos);
  for (std::size_t m = 0; m < kComparedCount; m++) {
    EXPECT_DOUBLE_EQ(scores[3][m].value, (scores[1][m].value + scores[2][m].value) / 2);
    for (std::size_t r = 0; r < 10; r++)
      EXPECT_DOUBLE_EQ(scores[3][m].replicates[r],
                       (scores[1][m].replicates[r] + scores[2][m].replicates[r]) / 2);
  }
  auto one_type = split;
  for (auto& photo : one_type.photos)
    if (photo.type == "pit") photo.type = "scratch";
  EXPECT_EQ(TestPhotos(one_type, 1).measured().size(), 2U);
}

TEST(CompareScores, OfOtherPhotosAreRefused) {
  const ScratchFolder folder;
  fake_evaluation(folder.path() / "evaluation-a", split_of(), 2, 1);
  const CompareTraining training{{"", "plate", "", folder.path()}, "a", {}, 0};
  EXPECT_THAT(message_of<Error>([&] { read_scores(training, TestPhotos(split_of(11), 2)); }),
              HasSubstr("evaluation-a"));
}

TEST(TestPhotos, KnowSmallAndThinDefects) {
  auto mask = Mask::blank(64, 64);
  const auto fill = [&](int x0, int y0, int width, int height) {
    for (int y = y0; y < y0 + height; y++)
      for (int x = x0; x < x0 + width; x++) mask.at(x, y) = 1;
  };
  EXPECT_FALSE(is_small_or_thin(mask));
  fill(2, 2, 11, 8);
  EXPECT_TRUE(is_small_or_thin(mask));  // 11 px long
  fill(2, 2, 12, 8);
  EXPECT_FALSE(is_small_or_thin(mask));
  mask = Mask::blank(64, 64);
  fill(5, 30, 50, 2);
  EXPECT_TRUE(is_small_or_thin(mask));  // a line of 2 px
  fill(5, 30, 50, 3);
  EXPECT_FALSE(is_small_or_thin(mask));
}

TEST(TestPhotos, AreDrawnByPiecesWithinTheirType) {
  const TestPhotos photos(split_of(), 5);
  EXPECT_EQ(photos.pieces("pit"), 6U);
  EXPECT_EQ(photos.pieces(dataset::kGood), 12U);
  EXPECT_EQ(photos.weights().size(), 5U);
  EXPECT_EQ(photos.draws(3).size(), 5U);
}

// Arms of known skill; the group is read back from files.
CompareGroup group_of(const ScratchFolder& folder,
                      const std::vector<std::pair<std::string, double>>& skills) {
  const auto split = split_of();
  const TestPhotos photos(split, 200);
  CompareGroup group{{}, photos.measured(), {}, photos.draws(3)};
  for (const auto& [name, skill] : skills) {
    group.arms.push_back({name, inspection::Mix::parse(name.find("pairs") == 0 ? "pairs:1" : "shots:1")});
    group.scores.emplace_back();
    for (uint64_t seed = 0; seed < 3; seed++) {
      const auto place = folder.path() / name / std::to_string(seed);
      fake_evaluation(place / "evaluation-a", split, skill, seed);
      group.scores.back().push_back(read_scores({{"", "plate", "", place}, "a", {}, 0}, photos));
    }
  }
  return group;
}

TEST(Closing, NamesTheBestMixesAndTheDirection) {
  const ScratchFolder folder;
  const auto better = closing(group_of(folder, {{"shots", 1.0}, {"pairs", 3.0}, {"pairs+shots", 2.0}}));
  EXPECT_EQ(better["finding"], "helped");
  EXPECT_EQ(better["with"], "pairs");
  EXPECT_EQ(better["without"], "shots");
  EXPECT_THAT(better["headline"].get<std::string>(), HasSubstr("It helped"));
  EXPECT_THAT(better["sentences"][0].get<std::string>(), HasSubstr("seed by seed 3 up, 0 down"));
  EXPECT_THAT(better["sentences"][2].get<std::string>(),
              testing::StartsWith("Each defect type counting alike"));
  EXPECT_THAT(better["sentences"][3].get<std::string>(), testing::Not(HasSubstr(kTypesAlike)));
  const auto worse = closing(group_of(folder, {{"shots", 3.0}, {"pairs", 1.0}}));
  EXPECT_EQ(worse["finding"], "hurt");
  EXPECT_THAT(worse["headline"].get<std::string>(), HasSubstr("It hurt"));
  const auto few = closing(group_of(folder, {{"shots", 3.0}, {"pairs", 1.0}}), true);
  EXPECT_EQ(few["finding"], "too_few");
  EXPECT_THAT(few["headline"].get<std::string>(), testing::StartsWith("Too few photos to tell"));
}

TEST(Closing, FixedBeforehandIsWhatRunComparesOnSuchPhotos) {
  const ScratchFolder folder;
  std::vector<std::pair<std::string, double>> skills;
  for (const auto& arm : default_arms()) skills.emplace_back(arm.name, arm.has_pairs() ? 2.0 : 1.0);
  auto group = group_of(folder, skills);
  group.arms = default_arms();
  const auto fixed = [&](std::optional<bool> aligned) {
    group.aligned = aligned;
    std::string text;
    const auto sentences = closing(group)["sentences"];
    for (const auto& sentence : sentences) {
      const auto words = sentence.get<std::string>();
      if (words.find("Fixed beforehand, ") == 0) text += words.substr(18, words.find(':') - 18) + "; ";
    }
    return text;
  };
  EXPECT_EQ(fixed(false), "pairs+shots+crop-paste against shots+crop-paste; pairs against crop-paste; ");
  EXPECT_EQ(fixed(true), "pairs+shots against shots; pairs against crop-paste; ");
  EXPECT_EQ(fixed(std::nullopt), "pairs against crop-paste; ");
}

TEST(Closing, OfEqualModelsIsExactlyNoDifference) {
  const ScratchFolder folder;
  const auto group = group_of(folder, {{"shots", 2.0}, {"pairs", 2.0}});
  for (std::size_t scope = 0; scope < 4; scope++) {
    for (std::size_t m = 0; m < kComparedCount; m++) {
      const auto d = group.difference(1, 0, scope, m);
      EXPECT_EQ(d.mean, 0);
      EXPECT_EQ(d.interval->low, 0);
      EXPECT_EQ(d.interval->high, 0);
    }
  }
  EXPECT_EQ(closing(group)["finding"], "no_difference");
  EXPECT_THAT(closing(group)["headline"].get<std::string>(), HasSubstr("no difference"));
}

TEST(TooSmall, NamesWhatIsMissing) {
  EXPECT_TRUE(too_small(split_of(5, 5)).empty());
  const auto few = too_small(split_of(4, 3));
  ASSERT_EQ(few.size(), 3U);
  EXPECT_THAT(few[0], HasSubstr("pit has 4 test photos, at least 5"));
  EXPECT_THAT(few[2], HasSubstr("3 good test photos"));
}

TEST(CompareArms, AreKnownNamesOrMixes) {
  EXPECT_EQ(default_arms().size(), 8U);
  for (const auto& arm : default_arms())
    for (const auto& part : arm.mix.parts)
      EXPECT_DOUBLE_EQ(part.weight(inspection::Source::kGood), 0.4) << arm.name;
  EXPECT_TRUE(parse_arm("pairs+shots").has_pairs());
  EXPECT_FALSE(parse_arm("shots").has_pairs());
  EXPECT_EQ(parse_arm("mine=good:1,perlin:1").name, "mine");
  EXPECT_THROW(parse_arm("nonsense"), Error);
  EXPECT_THROW(parse_arm("a/b=good:1"), Error);
  CompareStep step;
  step.arms = {parse_arm("shots"), parse_arm("shots")};
  EXPECT_THAT(message_of<Error>([&] { step.check(); }), HasSubstr("shots comes twice"));
}

}  // namespace
}  // namespace kizu::study
