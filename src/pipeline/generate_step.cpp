#include <algorithm>
#include <mutex>

#include "core/error.h"
#include "core/run_folder.h"
#include "pipeline/adapt.h"
#include "pipeline/pair_maker.h"
#include "pipeline/steps.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

Json summary(const std::vector<Json>& records, const std::vector<std::string>& types,
             const PairMaker& maker) {
  Json all = {{"types", Json::array()}, {"pairs", Json::array()}, {"dropped", Json::array()}};
  for (const auto& type : types) {
    int asked = 0, made = 0, retried = 0, dropped = 0;
    for (const auto& record : records) {
      if (record["type"] != type) continue;
      asked++;
      const bool lost = record["dropped"].get<bool>();
      lost ? dropped++ : made++;
      if (record["attempts"].get<int>() > 1) retried++;
      all[lost ? "dropped" : "pairs"].push_back(record);
    }
    all["types"].push_back({{"type", type},
                            {"asked", asked},
                            {"made", made},
                            {"retried", retried},
                            {"dropped", dropped},
                            {"severity", maker.severity_of(type)},
                            {"start", maker.start_of(type)}});
  }
  return all;
}

}  // namespace

void GenerateStep::check() const {
  options.check();
  if (attempts < 1 || attempts > 100) throw Error("--attempts: between 1 and 100");
}

void generate_step(const Workspace& workspace, const GenerateStep& step, Observer& observer) {
  step.check();
  const auto masks_file = workspace.step("masks") / "masks.json";
  const Json inputs = {
      {"masks", hash_of_result(masks_file, "masks")},
      {"embeddings", hash_of_result(workspace.step("learn") / "embeddings.safetensors", "learn")},
      {"model", hash_of_model(base_of(workspace))}};
  RunFolder run(workspace.step("pairs"), "generate", PairMaker::describe(step, workspace.seed), inputs);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto masks = read_masks(masks_file);
  WorkerPool pool(workspace.workers);
  PairMaker maker(workspace, step, inputs, run.path(), pool.size());
  std::vector<int64_t> numbers;  // within the type
  std::map<std::string, int64_t> count;
  std::vector<std::pair<std::string, std::vector<int64_t>>> groups;  // the masks of each type, as they come
  for (size_t i = 0; i < masks.size(); i++) {
    const auto type = masks[i]["type"].get<std::string>();
    numbers.push_back(++count[type]);
    if (numbers.back() == 1) groups.push_back({type, {}});
    const auto of_type = [&](const auto& group) { return group.first == type; };
    std::find_if(groups.begin(), groups.end(), of_type)->second.push_back(static_cast<int64_t>(i));
  }
  std::vector<Json> records(masks.size());
  std::mutex mutex;
  int64_t done = 0;
  const auto paint = [&](int worker, int64_t i) {
    if (journal.wants_stop()) throw Interrupted();
    records[i] = maker.make(worker, masks[i], numbers[i]);
    const std::lock_guard lock(mutex);
    journal.progressed("generate", ++done, static_cast<int64_t>(masks.size()), records[i]["type"]);
  };
  for (const auto& [type, members] : groups) {
    maker.weigh(masks, type);
    const auto first = members.front();
    const auto others = static_cast<int64_t>(members.size()) - 1;
    // Something to look at, before the trial has taken its time.
    pool.run(1, [&](int worker, int64_t) { paint(worker, first); });
    maker.try_starts(masks, type, pool, journal);
    pool.run(others, [&, &members = members](int worker, int64_t n) { paint(worker, members[n + 1]); });
  }
  std::vector<std::string> types;
  for (const auto& [type, n] : count) types.push_back(type);
  const auto all = summary(records, types, maker);
  if (all["pairs"].empty()) {
    throw Error("generate: no pair passed its checks (" + records[0]["scores"]["reason"].get<std::string>() +
                "); look at pairs/dropped, then try --learn-steps, --adapt or --strength");
  }
  write_json(run.path() / "pairs.json", all);
  run.finish({{"pairs", all["pairs"].size()}, {"dropped", all["dropped"].size()}});
}

}  // namespace kizu::pipeline
