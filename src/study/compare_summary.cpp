#include "study/compare_summary.h"

#include "core/error.h"
#include "core/run_folder.h"
#include "metrics/score_bins.h"
#include "pipeline/good_photos.h"
#include "study/compare_group.h"
#include "tensor/worker_pool.h"

namespace kizu::study {
namespace {

// [arm][seed] of any list of trainings, read on all cores.
std::vector<std::vector<Scores>> read_all(const std::vector<std::vector<CompareTraining>>& trainings,
                                          const TestPhotos& photos, WorkerPool& pool, Observer& observer) {
  std::vector<std::vector<Scores>> scores(trainings.size());
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t arm = 0; arm < trainings.size(); arm++) {
    scores[arm].resize(trainings[arm].size());
    for (std::size_t seed = 0; seed < trainings[arm].size(); seed++) all.emplace_back(arm, seed);
  }
  pool.run(static_cast<int64_t>(all.size()), [&](int, int64_t i) {
    if (observer.wants_stop()) throw Interrupted();
    const auto [arm, seed] = all[i];
    scores[arm][seed] = read_scores(trainings[arm][seed], photos);
  });
  return scores;
}

// How many steps each localizer took, and whether its loss on held-out pairs was flat then (null where that
// was not asked).
Json trainings_json(const CompareCategory& category, const CompareStep& step) {
  Json all = Json::array();
  for (const auto& arm : step.arms) {
    Json steps = Json::array(), flat = Json::array();
    for (int i = 0; i < step.seeds; i++) {
      const auto training = training_of(category, arm, i);
      const auto folder = training.workspace.step("localizer-" + training.name);
      const auto curve = read_json(folder / "curve.json");
      steps.push_back(curve.at("chosen_step"));
      auto asked = step.train;
      asked.steps = read_run(folder).at("options").at("steps").get<int64_t>();
      const bool capped = curve.value("flat_at", int64_t{0}) >= asked.latest_fall();
      flat.push_back(step.train.until_flat ? Json(!capped) : Json(nullptr));
    }
    all.push_back({{"arm", arm.name}, {"steps", steps}, {"flat", flat}});
  }
  return all;
}

// What kizu quality measured of the pairs of each seed, where it has been run on the seed's folder.
Json quality_json(const CompareCategory& category, const CompareStep& step) {
  Json all = Json::array();
  for (int i = 0; i < step.seeds; i++) {
    const auto file = seed_workspace(category, i).step("quality") / "quality.json";
    all.push_back(std::filesystem::exists(file) ? read_json(file) : Json(nullptr));
  }
  return all;
}

// A bootstrap over a handful of pieces cannot know how much pieces differ.
std::vector<std::string> remarks(const dataset::Split& split, const TestPhotos& photos) {
  constexpr std::size_t kFewPieces = 6;
  std::vector<std::string> all;
  for (const auto& type : split.types()) {
    if (photos.pieces(type) >= kFewPieces) continue;
    all.push_back(type + ": the " + std::to_string(split.test(type).size()) + " test photos show only " +
                  std::to_string(photos.pieces(type)) + " independent pieces; its intervals are rough");
  }
  return all;
}

Json photos_json(const dataset::Split& split, const TestPhotos& photos) {
  Json types = Json::array();
  for (const auto& type : split.types())
    types.push_back({{"type", type},
                     {"shots", split.shots(type).size()},
                     {"test_photos", split.test(type).size()},
                     {"test_pieces", photos.pieces(type)}});
  return {{"good_train", split.good_train().size()},
          {"good_test", split.good_test().size()},
          {"good_test_pieces", photos.pieces(dataset::kGood)},
          {"types", types}};
}

// Summaries of one category, and what the average over categories needs.
class CategorySummary {
 public:
  CategorySummary(const CompareCategory& category, const CompareStep& step, WorkerPool& pool,
                  Observer& observer)
      : category_(category),
        step_(step),
        pool_(pool),
        observer_(observer),
        split_(seed_workspace(category, 0).split()),
        photos_(split_, step.replicates, category.data) {
    group_ = group_of(step.arms, [&](const CompareArm& arm, int i) { return training_of(category, arm, i); });
  }

  const CompareGroup& group() const { return group_; }
  bool is_too_small() const { return !too_small(split_).empty(); }

  Json json() const {
    Json all = {{"name", split_.category},
                {"split_sha256", pipeline::hash_of_result(
                                     seed_workspace(category_, 0).step("split") / "split.json", "split")},
                {"photos", photos_json(split_, photos_)},
                {"warnings", too_small(split_)},
                {"remarks", remarks(split_, photos_)},
                {"trainings", trainings_json(category_, step_)},
                {"quality", quality_json(category_, step_)},
                {"scopes", scopes_json(group_)},
                {"closing", closing(group_, is_too_small())}};
    for (const int64_t shots : step_.shots_curve)
      all["shots_curve"].push_back(
          point(shots, arms_of_curve(step_, false),
                [&](const CompareArm& arm, int i) { return shots_training(category_, arm, shots, i); }));
    for (const int64_t pairs : step_.pairs_curve)
      all["pairs_curve"].push_back(
          point(pairs, arms_of_curve(step_, true),
                [&](const CompareArm& arm, int i) { return pairs_training(category_, arm, pairs, i); }));
    return all;
  }

 private:
  template <class TrainingOf>
  CompareGroup group_of(const std::vector<CompareArm>& arms, TrainingOf training) const {
    std::vector<std::vector<CompareTraining>> trainings;
    for (const auto& arm : arms) {
      trainings.emplace_back();
      for (int i = 0; i < step_.seeds; i++) trainings.back().push_back(training(arm, i));
    }
    CompareGroup group{arms, photos_.measured(), read_all(trainings, photos_, pool_, observer_),
                       photos_.draws(static_cast<std::size_t>(step_.seeds))};
    group.aligned = pipeline::has_aligned_photos(seed_workspace(category_, 0), split_);
    return group;
  }

  template <class TrainingOf>
  Json point(int64_t number, const std::vector<CompareArm>& arms, TrainingOf training) const {
    return {{"number", number}, {"arms", arms_json(group_of(arms, training), 0)}};
  }

  const CompareCategory& category_;
  const CompareStep& step_;
  WorkerPool& pool_;
  Observer& observer_;
  dataset::Split split_;
  TestPhotos photos_;
  CompareGroup group_;
};

// The plain average over categories, all types together.
CompareGroup averaged(const std::vector<CompareGroup>& groups) {
  CompareGroup out{groups[0].arms, {""}, {}, groups[0].draws, groups[0].aligned};
  for (const auto& group : groups)
    if (group.aligned != out.aligned) out.aligned.reset();
  for (std::size_t arm = 0; arm < out.arms.size(); arm++) {
    out.scores.emplace_back(groups[0].scores[arm].size(), Scores(1));
    for (std::size_t m = 0; m < kComparedCount; m++) {
      std::vector<std::vector<metrics::Sampled>> sets;
      for (const auto& group : groups) sets.push_back(group.sampled(arm, 0, m));
      const auto mean = metrics::average(sets);
      for (std::size_t seed = 0; seed < mean.size(); seed++) out.scores[arm][seed][0][m] = mean[seed];
    }
  }
  return out;
}

Json settings(const CompareStep& step, const std::vector<CompareCategory>& categories) {
  Json arms = Json::array(), seeds = Json::array();
  for (const auto& arm : step.arms)
    arms.push_back({{"name", arm.name}, {"mix", arm.mix.text()}, {"pairs", arm.has_pairs()}});
  for (int i = 0; i < step.seeds; i++) seeds.push_back(categories[0].seed + static_cast<uint64_t>(i));
  return {{"arms", arms},
          {"seeds", seeds},
          {"train_steps", step.train.steps},
          {"pairs_of_each_type", step.masks.pairs},
          {"replicates", step.replicates},
          {"interval", 0.95},
          {"score_bins", metrics::ScoreBins::kBins},
          {"allow_small", step.allow_small}};
}

}  // namespace

Json summarize(const std::vector<CompareCategory>& categories, const CompareStep& step, Observer& observer) {
  WorkerPool pool(categories[0].workers);
  Json all = {{"program", "kizu"}, {"settings", settings(step, categories)}, {"categories", Json::array()}};
  std::vector<CompareGroup> groups;
  bool small = false;
  for (const auto& category : categories) {
    const CategorySummary summary(category, step, pool, observer);
    all["categories"].push_back(summary.json());
    groups.push_back(summary.group());
    small = small || summary.is_too_small();
    observer.progressed("sum up", static_cast<int64_t>(groups.size()),
                        static_cast<int64_t>(categories.size()), category.category);
  }
  if (groups.size() > 1) {
    const auto mean = averaged(groups);
    all["average"] = {{"scopes", scopes_json(mean)}, {"closing", closing(mean, small)}};
  }
  return all;
}

}  // namespace kizu::study
