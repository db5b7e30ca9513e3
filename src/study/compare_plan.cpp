#include "study/compare_plan.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "dataset/estimate.h"
#include "pipeline/good_photos.h"

namespace kizu::study {
namespace {

std::string seed_name(const CompareCategory& category, int i) {
  return "seed-" + std::to_string(category.seed + static_cast<uint64_t>(i));
}

pipeline::Workspace within(const CompareCategory& category, const std::filesystem::path& folder, int i) {
  pipeline::Workspace workspace = category;
  workspace.seed += static_cast<uint64_t>(i);
  workspace.out = category.out / folder / seed_name(category, i);
  return workspace;
}

// What the units of a category cost.
struct Costs {
  double types = 0, test_megapixels = 0, train_steps = 0, train_step_seconds = 0;
  dataset::UnitCosts unit;

  Costs(const CompareCategory& category, const dataset::Examination& e, const CompareStep& step)
      : types(static_cast<double>(e.types.size())) {
    double photos = e.good_test;
    for (const auto& type : e.types) photos += type.photos - type.shots;
    test_megapixels = photos * e.mean_pixels / 1e6;
    train_steps = static_cast<double>(
        step.train.steps > 0 ? step.train.steps
                             : inspection::TrainOptions::default_steps(static_cast<int64_t>(e.types.size())));
    const auto pixels = pipeline::step_pixels(category, e, step.train);
    train_step_seconds = dataset::train_step_seconds(static_cast<double>(pixels));
  }
  double product(const CompareStep& step, int64_t pairs) const {
    return unit.start_seconds + 60 * step.learn.adapt_minutes +
           types * (static_cast<double>(step.learn.options.steps_per_type) * unit.learn_step_seconds +
                    static_cast<double>(pairs) * unit.pair_seconds);
  }
  double training() const {
    return unit.start_seconds + train_steps * train_step_seconds +
           test_megapixels * unit.test_megapixel_seconds;
  }
};

// The split of the whole comparison with only the first `shots` of each type; the test photos stay.
void few_shots_split(const pipeline::Workspace& workspace, const pipeline::Workspace& whole, int64_t shots) {
  auto split = whole.split();
  std::map<std::string, int64_t> count;
  for (auto& photo : split.photos) {
    if (photo.side != dataset::Side::shot || ++count[photo.type] <= shots) continue;
    photo.side = dataset::Side::left_out;
    photo.reason = "beyond the number of shots of this point of the curve";
  }
  RunFolder run(workspace.step("split"), "split", {{"shots_curve", shots}},
                {{"split", pipeline::hash_of_result(whole.step("split") / "split.json", "split")}});
  if (run.is_complete()) return;
  dataset::write_split(run.path() / "split.json", split);
  run.finish({{"file", "split.json"}});
}

void make_pairs(const pipeline::Workspace& workspace, const CompareStep& step, int64_t pairs,
                Observer& observer) {
  learn_step(workspace, step.learn, observer);
  auto masks = step.masks;
  masks.pairs = pairs;
  mask_step(workspace, masks, observer);
  generate_step(workspace, step.generate, observer);
}

// Lists the work of one category and seed.
class Planner {
 public:
  Planner(const CompareCategory& category, const CompareStep& step, const Costs& costs, int i,
          std::vector<CompareJob>& jobs)
      : category_(category), step_(step), costs_(costs), i_(i), jobs_(jobs) {}

  void add_all() {
    const auto whole = seed_workspace(category_, i_);
    add_split(whole);
    const bool any_pairs = std::any_of(step_.arms.begin(), step_.arms.end(),
                                       [](const CompareArm& arm) { return arm.has_pairs(); });
    if (any_pairs) add_pairs(whole, step_.masks.pairs);
    for (const auto& arm : step_.arms) add_training(training_of(category_, arm, i_));
    for (const int64_t shots : step_.shots_curve) add_shots(whole, shots);
    if (!step_.pairs_curve.empty() && !arms_of_curve(step_, true).empty()) add_pairs_curve();
  }

 private:
  void add(const pipeline::Workspace& workspace, const std::string& what, double seconds,
           const std::string& folder, const std::string& result, std::function<void(Observer&)> work) {
    const auto path = workspace.step(folder);
    jobs_.push_back({workspace.category + ", seed " + std::to_string(workspace.seed) + ": " + what, seconds,
                     path, result.empty() ? std::filesystem::path() : path / result, std::move(work)});
  }

  void add_split(const pipeline::Workspace& workspace) {
    add(workspace, "split", 1, "split", "", [workspace, &step = step_](Observer& observer) {
      workspace.save();
      split_step(workspace, step.split, observer);
    });
  }

  void add_pairs(const pipeline::Workspace& workspace, int64_t pairs) {
    add(workspace, std::to_string(pairs) + " pairs of each type", costs_.product(step_, pairs), "pairs", "",
        [workspace, pairs, &step = step_](Observer& observer) {
          make_pairs(workspace, step, pairs, observer);
        });
  }

  void add_training(const CompareTraining& training) {
    const auto& workspace = training.workspace;
    const auto point = workspace.out.parent_path().filename();  // "shots-2" on a curve, else the category
    const bool on_curve = workspace.out.parent_path() != category_.out;
    add(workspace, training.name + (on_curve ? " (" + utf8(point) + ")" : ""), costs_.training(),
        "evaluation-" + training.name, "metrics.json", [training, &step = step_](Observer& observer) {
          pipeline::TrainStep train{training.name, step.train, training.pairs};
          train.options.mix = training.arm.mix;
          train_step(training.workspace, train, observer);
          evaluate_step(training.workspace, {training.name, pipeline::Protocol::kImproved, true}, observer);
        });
  }

  void add_shots(const pipeline::Workspace& whole, int64_t shots) {
    const auto few = shots_workspace(category_, shots, i_);
    add(few, "split with " + std::to_string(shots) + " shots", 1, "split", "",
        [few, whole, shots](Observer&) {
          few.save();
          few_shots_split(few, whole, shots);
        });
    if (!arms_of_curve(step_, true).empty()) add_pairs(few, step_.masks.pairs);
    for (const auto& arm : arms_of_curve(step_, false))
      add_training(shots_training(category_, arm, shots, i_));
  }

  // The first pairs of many are those that fewer would be, so they are made once for all points.
  void add_pairs_curve() {
    const auto many = pairs_workspace(category_, i_);
    add_split(many);
    add_pairs(many, *std::max_element(step_.pairs_curve.begin(), step_.pairs_curve.end()));
    for (const int64_t pairs : step_.pairs_curve)
      for (const auto& arm : arms_of_curve(step_, true))
        add_training(pairs_training(category_, arm, pairs, i_));
  }

  const CompareCategory& category_;
  const CompareStep& step_;
  Costs costs_;
  int i_;
  std::vector<CompareJob>& jobs_;
};

}  // namespace

pipeline::Workspace seed_workspace(const CompareCategory& category, int i) {
  return within(category, "", i);
}

pipeline::Workspace shots_workspace(const CompareCategory& category, int64_t shots, int i) {
  return within(category, "shots-" + std::to_string(shots), i);
}

pipeline::Workspace pairs_workspace(const CompareCategory& category, int i) {
  return within(category, "pairs-curve", i);
}

CompareTraining training_of(const CompareCategory& category, const CompareArm& arm, int i) {
  return {seed_workspace(category, i), arm.name, arm, 0};
}

CompareTraining shots_training(const CompareCategory& category, const CompareArm& arm, int64_t shots, int i) {
  return {shots_workspace(category, shots, i), arm.name, arm, 0};
}

CompareTraining pairs_training(const CompareCategory& category, const CompareArm& arm, int64_t pairs, int i) {
  return {pairs_workspace(category, i), arm.name + "-" + std::to_string(pairs), arm, pairs};
}

std::vector<CompareArm> arms_of_curve(const CompareStep& step, bool with_pairs) {
  std::vector<CompareArm> arms;
  for (const auto& arm : step.arms) {
    const bool named =
        std::find(step.curve_arms.begin(), step.curve_arms.end(), arm.name) != step.curve_arms.end();
    if (named && (arm.has_pairs() || !with_pairs)) arms.push_back(arm);
  }
  return arms;
}

std::vector<CompareJob> plan(const std::vector<CompareCategory>& categories,
                             const std::vector<dataset::Examination>& examinations, const CompareStep& step) {
  std::vector<Costs> costs;
  for (std::size_t c = 0; c < categories.size(); c++)
    costs.emplace_back(categories[c], examinations[c], step);
  std::vector<CompareJob> jobs;
  for (int i = 0; i < step.seeds; i++) {
    for (std::size_t c = 0; c < categories.size(); c++)
      Planner(categories[c], step, costs[c], i, jobs).add_all();
  }
  return jobs;
}

}  // namespace kizu::study
