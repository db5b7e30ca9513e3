#include <algorithm>
#include <cmath>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "image/codec.h"
#include "inspection/detect.h"
#include "inspection/score_map.h"
#include "metrics/pixel_metrics.h"
#include "pipeline/score_file.h"
#include "pipeline/steps.h"
#include "tensor/convert.h"

namespace kizu::pipeline {
namespace {

// One test photo after detection.
struct Tested {
  dataset::SplitPhoto photo;
  metrics::ScoredImage pixels;
  double image_score = 0, max_inside = 0;
  std::optional<double> pixel_ap;
  std::string map;
  bool defective() const { return !photo.mask.empty(); }
};

Json points(const std::vector<metrics::Point>& curve) {
  Json all = Json::array();
  for (const auto& point : curve) all.push_back({point.x, point.y});
  return all;
}

torch::Tensor resized(const torch::Tensor& chw, int64_t side) {
  return at::upsample_bilinear2d(chw.unsqueeze(0), {side, side}, false)[0];
}

// The published protocol: photo and mask resized to 256 x 256 without antialiasing; the eroded truth (pixels
// that are still exactly 1) counts for AUROC, AP and F1, the dilated one for PRO (method.md, 7.2).
metrics::ScoredImage reference_pixels(const torch::Tensor& heat, const torch::Tensor& mask) {
  const auto truth = resized(mask, 256)[0].contiguous();
  const auto scores = heat.contiguous();
  metrics::ScoredImage image{256, 256, {}, {}, {}};
  image.scores.assign(scores.data_ptr<float>(), scores.data_ptr<float>() + scores.numel());
  for (int64_t i = 0; i < truth.numel(); i++) {
    image.mask.push_back(truth.data_ptr<float>()[i] >= 1.0F);
    image.pro_mask.push_back(truth.data_ptr<float>()[i] > 0.0F);
  }
  return image;
}

metrics::ScoredImage native_pixels(const torch::Tensor& heat, const torch::Tensor& mask) {
  const auto scores = heat.contiguous(), truth = mask[0].contiguous();
  metrics::ScoredImage image{static_cast<int>(heat.size(1)), static_cast<int>(heat.size(0)), {}, {}, {}};
  image.scores.assign(scores.data_ptr<float>(), scores.data_ptr<float>() + scores.numel());
  for (int64_t i = 0; i < truth.numel(); i++) image.mask.push_back(truth.data_ptr<float>()[i] > 0.5F);
  return image;
}

// The heat map as a picture; returns its place in the folder.
std::string write_map(const std::filesystem::path& folder, const dataset::SplitPhoto& photo,
                      const torch::Tensor& heat) {
  const auto stem = std::filesystem::u8path(photo.image).stem();
  auto map = std::filesystem::path("maps") / std::filesystem::u8path(file_name_of(photo.type)) / stem;
  map += ".png";
  make_folders((folder / map).parent_path());
  write_png(folder / map, from_01(heat.unsqueeze(0).expand({3, -1, -1}), 1, 8));
  return generic_utf8(map);
}

Tested test_photo(const Workspace& workspace, const dataset::SplitPhoto& photo,
                  inspection::Detector& detector, const EvaluateStep& step,
                  const std::filesystem::path& folder) {
  const auto protocol = step.protocol;
  const auto at = [&](const std::string& file) { return workspace.data / std::filesystem::u8path(file); };
  auto image = to_01(read_image(at(photo.image)));
  auto mask = photo.mask.empty() ? torch::zeros({1, image.size(1), image.size(2)})
                                 : to_tensor(read_mask(at(photo.mask)));
  if (protocol == Protocol::kReference) image = resized(image, 256);
  const auto detection = detector.detect(image);
  Tested tested{photo, {}, detection.score, 0, {}, {}};
  if (protocol == Protocol::kReference) {
    tested.pixels = reference_pixels(detection.heat, mask);
    tested.image_score = inspection::reference_image_scores(detection.heat.unsqueeze(0)).item<double>();
  } else {
    tested.pixels = native_pixels(detection.heat, mask);
  }
  for (size_t i = 0; i < tested.pixels.scores.size(); i++) {
    if (tested.pixels.mask[i] != 0)
      tested.max_inside = std::max<double>(tested.max_inside, tested.pixels.scores[i]);
  }
  if (tested.defective()) tested.pixel_ap = metrics::evaluate_pixels({tested.pixels}).ranking.ap;
  if (!step.for_comparison) tested.map = write_map(folder, photo, detection.heat);
  return tested;
}

Json measure(const std::vector<const Tested*>& photos, Protocol protocol, Json* curves) {
  metrics::PixelEvaluation pixels;
  std::vector<const metrics::ScoredImage*> maps;
  std::vector<metrics::Scored> images;
  for (const auto* tested : photos) {
    maps.push_back(&tested->pixels);
    images.push_back({tested->image_score, tested->defective()});
  }
  pixels.add(maps);
  const auto p = pixels.finish({0.3, protocol == Protocol::kReference ? 100 : 0});
  const auto i = metrics::rank(images);
  if (curves != nullptr)
    *curves = {
        {"roc", points(p.ranking.roc)}, {"pr", points(p.ranking.precision_recall)}, {"pro", points(p.pro)}};
  const Json f1 = protocol == Protocol::kReference ? Json(p.f1_max_sweep) : or_null(p.ranking.f1_max);
  return {{"pixel_auroc", or_null(p.ranking.auroc)},
          {"pixel_ap", or_null(p.ranking.ap)},
          {"pixel_f1_max", f1},
          {"pixel_f1_threshold", or_null(p.ranking.f1_threshold)},
          {"au_pro", or_null(p.au_pro)},
          {"image_auroc", or_null(i.auroc)},
          {"image_ap", or_null(i.ap)},
          {"image_f1_max", or_null(i.f1_max)},
          {"photos", photos.size()}};
}

// The defects found worst, and the good photos that look most defective.
Json worst(const std::vector<Tested>& tested) {
  std::vector<const Tested*> defects, good;
  for (const auto& each : tested) (each.defective() ? defects : good).push_back(&each);
  std::stable_sort(defects.begin(), defects.end(), [](const auto* a, const auto* b) {
    return a->pixel_ap.value_or(0) < b->pixel_ap.value_or(0);
  });
  std::stable_sort(good.begin(), good.end(),
                   [](const auto* a, const auto* b) { return a->image_score > b->image_score; });
  Json misses = Json::array();
  const auto add = [&](const std::vector<const Tested*>& list, size_t count, const char* why) {
    for (size_t i = 0; i < std::min(count, list.size()); i++) {
      const auto& t = *list[i];
      misses.push_back({{"photo", t.photo.image},
                        {"type", t.photo.type},
                        {"mask", t.photo.mask.empty() ? Json(nullptr) : Json(t.photo.mask)},
                        {"map", t.map},
                        {"image_score", t.image_score},
                        {"why", why}});
    }
  };
  add(defects, 6, "the defect is found worst here");
  add(good, 2, "a good photo that looks most defective");
  return misses;
}

Json collect(const std::vector<Tested>& tested, const std::vector<std::string>& types, Protocol protocol) {
  const auto choose = [&](const std::string& type) {
    std::vector<const Tested*> chosen;
    for (const auto& each : tested) {
      if (type.empty() || !each.defective() || each.photo.type == type) chosen.push_back(&each);
    }
    return chosen;
  };
  Json curves, per_type = Json::array(), scored = Json::array();
  const Json overall = measure(choose(""), protocol, &curves);
  for (const auto& type : types) {
    auto row = measure(choose(type), protocol, nullptr);
    row["type"] = type;
    row["photos"] = std::count_if(tested.begin(), tested.end(),
                                  [&](const auto& each) { return each.photo.type == type; });
    per_type.push_back(row);
  }
  for (const auto& t : tested) {
    scored.push_back({{"photo", t.photo.image},
                      {"type", t.photo.type},
                      {"mask", t.photo.mask.empty() ? Json(nullptr) : Json(t.photo.mask)},
                      {"map", t.map},
                      {"image_score", t.image_score},
                      {"max_inside", t.max_inside},
                      {"pixel_ap", or_null(t.pixel_ap)}});
  }
  return {{"protocol", protocol == Protocol::kReference ? "reference" : "improved"},
          {"photos", tested.size()},
          {"overall", overall},
          {"types", per_type},
          {"curves", curves},
          {"photos_scored", scored},
          {"misses", worst(tested)}};
}

}  // namespace

void EvaluateStep::check() const {
  if (for_comparison && protocol == Protocol::kReference)
    throw Error("a comparison measures with --protocol improved only");
}

namespace {

const char* name_of(std::optional<inspection::Views> views) {
  return !views ? "auto" : *views == inspection::Views::kOne ? "one" : "mirrored";
}

/// The run's own localizer, or the given one, looked at before anything is written.
std::filesystem::path localizer_of(const Workspace& workspace, const EvaluateStep& step) {
  if (step.localizer.empty()) return workspace.step("localizer-" + step.name) / "localizer.safetensors";
  try {
    inspection::LocalizerInfo info;
    inspection::load_localizer(step.localizer, info);
  } catch (const Error& error) {
    throw Error(std::string("--localizer ") + error.what());
  }
  return step.localizer;
}

}  // namespace

void evaluate_step(const Workspace& workspace, const EvaluateStep& step, Observer& observer) {
  step.check();
  const auto split = workspace.split();
  const auto localizer = localizer_of(workspace, step);
  const Json inputs = {{"split", hash_of_result(workspace.step("split") / "split.json", "split")},
                       {"localizer", hash_of_result(localizer, "train")}};
  auto views = step.views;
  if (!views && step.protocol == Protocol::kReference) views = inspection::Views::kOne;
  Json options = {{"protocol", step.protocol == Protocol::kReference ? "reference" : "improved"},
                  {"views", name_of(views)}};
  // Results from before the score of a photo changed are measured again.
  if (step.protocol == Protocol::kImproved) options["image_score"] = "highest half percent";
  if (step.for_comparison) options["for_comparison"] = true;
  RunFolder run(workspace.step("evaluation-" + step.name), "evaluate", options, inputs);
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  auto photos = split.good_test();
  for (const auto& type : split.types()) {
    for (auto& photo : split.test(type)) photos.push_back(photo);
  }
  inspection::Detector detector(localizer, workspace.workers, views);
  std::vector<Tested> tested;
  for (const auto& photo : photos) {
    if (journal.wants_stop()) throw Interrupted();
    tested.push_back(test_photo(workspace, photo, detector, step, run.path()));
    journal.progressed("evaluate " + step.name, static_cast<int64_t>(tested.size()),
                       static_cast<int64_t>(photos.size()), "");
  }
  const auto metrics = collect(tested, split.types(), step.protocol);
  write_json(run.path() / "metrics.json", metrics);
  if (step.for_comparison) {
    std::vector<metrics::ScoreBins> bins;
    for (const auto& each : tested) bins.push_back(metrics::count_scores(each.pixels));
    write_score_bins(run.path() / "scores.safetensors", bins);
  }
  run.finish({{"metrics", "metrics.json"},
              {"pixel_ap", metrics["overall"]["pixel_ap"]},
              {"image_auroc", metrics["overall"]["image_auroc"]}});
}

}  // namespace kizu::pipeline
