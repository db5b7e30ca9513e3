#include "pipeline/classify_step.h"

#include <algorithm>

#include "core/run_folder.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "image/codec.h"
#include "tensor/convert.h"
#include "tensor/reference_input.h"

namespace kizu::pipeline {
namespace {

namespace fs = std::filesystem;

torch::Tensor picture(const fs::path& file, int64_t side) {
  auto square = localizer_training_input(read_image(file), static_cast<int>(side));
  if (square.size(0) == 1) square = square.expand({3, -1, -1});
  return (square.clamp(0, 1) * 255).round().to(torch::kUInt8).contiguous();
}

/// The first `most` pairs of each type, as numbers of the types.
inspection::LabelledSet generated(const Workspace& workspace, const std::vector<std::string>& types,
                                  const ClassifyStep& step) {
  inspection::LabelledSet set;
  set.classes = static_cast<int64_t>(types.size());
  std::vector<int64_t> taken(types.size(), 0);
  const auto folder = workspace.step("pairs");
  for (const auto& pair : read_list(folder / "pairs.json", "pairs", {"type", "image"})) {
    const auto label =
        std::find(types.begin(), types.end(), pair.at("type").get<std::string>()) - types.begin();
    if (label == set.classes || taken[label] >= step.most) continue;
    taken[label]++;
    set.labels.push_back(label);
    set.images.push_back(
        picture(folder / fs::u8path(pair.at("image").get<std::string>()), step.options.side));
  }
  return set;
}

/// Share of the test photos whose type is found, and who is taken for whom.
Json measured(const Workspace& workspace, const dataset::Split& split, const fs::path& weights,
              int64_t side) {
  const auto types = split.types();
  features::ResNet34 network(static_cast<int64_t>(types.size()));
  load_state(network, read_tensors(weights), "", weights.string());
  int64_t right = 0, count = 0;
  Json confusion = Json::object();
  for (size_t t = 0; t < types.size(); t++) {
    std::vector<torch::Tensor> images;
    for (const auto& photo : split.test(types[t]))
      images.push_back(picture(workspace.data / fs::u8path(photo.image), side));
    std::map<std::string, int64_t> taken_for;
    for (const auto found : inspection::classify(network, images)) {
      taken_for[types[found]]++;
      right += found == static_cast<int64_t>(t);
      count++;
    }
    confusion[types[t]] = taken_for;
  }
  return {
      {"accuracy", count > 0 ? Json(static_cast<double>(right) / static_cast<double>(count)) : Json(nullptr)},
      {"photos", count},
      {"confusion", confusion}};
}

}  // namespace

void classify_step(const Workspace& workspace, const ClassifyStep& step, Observer& observer) {
  step.options.check();
  const auto split = workspace.split();
  const auto types = split.types();
  if (types.size() < 2) {
    observer.said(workspace.category + ": one type of defect, nothing to classify");
    return;
  }
  auto options = step.options;
  options.seed = workspace.seed;
  const Json described = {{"side", options.side},  {"steps", options.steps}, {"batch", options.batch},
                          {"rate", options.rate},  {"most", step.most},      {"seed", options.seed},
                          {"network", "ResNet-34"}};
  Json inputs = {{"split", hash_of_result(workspace.step("split") / "split.json", "split")},
                 {"pairs", hash_of_result(workspace.step("pairs") / "pairs.json", "generate")}};
  if (!options.resnet.empty()) inputs["resnet"] = sha256_file(options.resnet);
  RunFolder run(workspace.step("classifier"), "classify", described, inputs);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto outcome =
      inspection::train_classifier(generated(workspace, types, step), options, run.path(), journal);
  auto result = measured(workspace, split, outcome.file, options.side);
  result["start"] =
      options.resnet.empty() ? "random weights" : "weights of " + utf8(options.resnet.filename());
  result["steps"] = outcome.steps;
  write_json(run.path() / "accuracy.json", result);
  run.finish({{"accuracy", result["accuracy"]}});
}

}  // namespace kizu::pipeline
