#include <chrono>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "dataset/estimate.h"
#include "ldm/compact_model.h"
#include "report/compare_page.h"
#include "study/claimed_folder.h"
#include "study/compare_plan.h"
#include "study/compare_summary.h"

namespace kizu::study {
namespace {

// Adds to every progress line whose it is.
class Titled : public Observer {
 public:
  Titled(std::string title, Observer& next) : title_(std::move(title)), next_(next) {}
  void progressed(const std::string& step, int64_t done, int64_t total, const std::string& detail) override {
    next_.progressed(step, done, total, detail + (detail.empty() ? "" : "  ") + title_);
  }
  void said(const std::string& sentence) override { next_.said(sentence); }
  bool wants_stop() override { return next_.wants_stop(); }

 private:
  std::string title_;
  Observer& next_;
};

bool is_complete(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "run.json")) return false;
  return read_run(folder).value("state", "") == "complete";
}

std::vector<dataset::Examination> examine_all(const std::vector<CompareCategory>& categories,
                                              const CompareStep& step, Observer& observer) {
  std::vector<dataset::Examination> all;
  std::vector<std::string> small;
  bool stops = false;
  for (const auto& category : categories) {
    all.push_back(dataset::examine(dataset::scan(category.data, category.category), step.split, &observer));
    if (!all.back().faults.empty()) observer.said(dataset::describe(all.back()));
    stops = stops || all.back().stops();
    if (all.back().stops()) continue;
    for (const auto& why : too_small(all.back().split)) small.push_back(why);
  }
  if (stops)
    throw Error("the photos have faults that stop a comparison (listed above); mend them and try again");
  std::string list;
  for (const auto& why : small) list += "\n  " + why;
  const std::string verdict = "too few photos to tell one way of training from another:" + list;
  if (!small.empty() && !step.allow_small) throw Error(verdict + "\n  --allow-small compares all the same");
  if (!small.empty()) observer.said("warning: " + verdict);
  return all;
}

// Counts what is done in estimated seconds, and learns from the clock how long such a second takes.
class Remaining {
 public:
  explicit Remaining(const std::vector<CompareJob>& jobs) {
    for (const auto& job : jobs)
      if (!is_complete(job.folder)) left_ += job.seconds;
  }
  double estimated() const { return left_; }
  void done(double planned, double taken) {
    left_ -= planned;
    planned_ += planned;
    taken_ += taken;
  }
  std::string in_words() const {
    return dataset::time_in_words(planned_ > 0 ? left_ * taken_ / planned_ : left_);
  }

 private:
  double left_ = 0, planned_ = 0, taken_ = 0;
};

std::string figures_of(const CompareJob& job) {
  if (job.result.empty()) return "";
  const auto overall = read_json(job.result).at("overall");
  char text[80] = "";
  if (overall.at("pixel_ap").is_number() && overall.at("image_auroc").is_number())
    std::snprintf(text, sizeof text, " pixel AP %.3f, image AUROC %.3f", overall["pixel_ap"].get<double>(),
                  overall["image_auroc"].get<double>());
  return text;
}

void carry_out(const std::vector<CompareJob>& jobs, Observer& observer) {
  using Clock = std::chrono::steady_clock;
  Remaining remaining(jobs);
  observer.said(std::to_string(jobs.size()) + " pieces of work, about " +
                dataset::time_in_words(remaining.estimated()) +
                " on two cores. It may be stopped at any time: the same command goes on from there.");
  for (std::size_t i = 0; i < jobs.size(); i++) {
    const auto& job = jobs[i];
    const bool before = is_complete(job.folder);
    const auto begin = Clock::now();
    Titled titled(job.what, observer);
    job.work(titled);
    if (before) continue;
    remaining.done(job.seconds, std::chrono::duration<double>(Clock::now() - begin).count());
    observer.said(job.what + figures_of(job) + "  (" + std::to_string(i + 1) + " of " +
                  std::to_string(jobs.size()) + ", about " + remaining.in_words() + " left)");
  }
}

void say_closing(const Json& summary, Observer& observer) {
  const auto say = [&](const std::string& name, const Json& closing) {
    observer.said(name + ": " + closing.at("headline").get<std::string>());
    for (const auto& sentence : closing.at("sentences")) observer.said("  " + sentence.get<std::string>());
  };
  for (const auto& category : summary.at("categories"))
    say(category.at("name").get<std::string>(), category.at("closing"));
  if (summary.contains("average")) say("average of the categories", summary["average"].at("closing"));
}

}  // namespace

void compare_step(const std::filesystem::path& out, const std::vector<CompareCategory>& categories,
                  const CompareStep& step, Observer& observer) {
  step.check();
  if (categories.empty()) throw Error("there is no category to compare");
  if (categories[0].has_text_encoder())
    throw Error(categories[0].model.string() +
                ": kizu compare works with a compact base, for so many pairs and "
                "seeds; leave --model out, or name a folder that kizu pretrain wrote");
  pipeline::hash_of_model(categories[0].model);
  ldm::CompactModel::load(categories[0].model);  // a damaged base is told before anything is written
  const auto examinations = examine_all(categories, step, observer);
  claim_folder(out, "comparison", categories[0].data.parent_path());
  carry_out(plan(categories, examinations, step), observer);
  const auto summary = summarize(categories, step, observer);
  write_json(out / "compare.json", summary);
  report::write_comparison(out / "compare.html", summary);
  say_closing(summary, observer);
}

}  // namespace kizu::study
