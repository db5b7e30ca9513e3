#include "pipeline/detect_photos.h"

#include <algorithm>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"
#include "image/codec.h"
#include "image/masks.h"
#include "image/transform.h"
#include "inspection/detect.h"
#include "tensor/convert.h"

namespace kizu::pipeline {
namespace {

namespace fs = std::filesystem;

fs::path find_localizer(const fs::path& given) {
  if (fs::is_regular_file(given)) return given;
  for (const char* name : {"localizer.safetensors", "localizer-after/localizer.safetensors"}) {
    if (fs::exists(given / name)) return given / name;
  }
  throw Error(
      given.string() +
      ": no localizer here; --localizer takes a localizer.safetensors or the folder of a finished run");
}

std::vector<fs::path> find_photos(const std::vector<fs::path>& given) {
  std::vector<fs::path> photos;
  for (const auto& path : given) {
    if (!fs::exists(path)) throw Error(path.string() + ": no such file or folder");
    if (!fs::is_directory(path)) {
      photos.push_back(path);
      continue;
    }
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.is_regular_file() && is_image_file(entry.path())) inside.push_back(entry.path());
    }
    if (inside.empty()) throw Error(path.string() + ": no photo in this folder (png, jpg, bmp or tif)");
    std::sort(inside.begin(), inside.end());
    photos.insert(photos.end(), inside.begin(), inside.end());
  }
  return photos;
}

// Two photos of one name in different folders get numbers, so that nothing is overwritten.
std::string free_name(const std::string& stem, std::set<std::string>& taken) {
  std::string name = stem;
  for (int i = 2; !taken.insert(name).second; i++) name = stem + "-" + std::to_string(i);
  return name;
}

Mask above(const torch::Tensor& heat, double threshold) {
  return to_mask((heat >= threshold).to(torch::kFloat32).unsqueeze(0));
}

}  // namespace

void detect_photos(const DetectOptions& options, Observer& observer) {
  const auto photos = find_photos(options.photos);
  inspection::Detector detector(find_localizer(options.localizer), options.workers, options.views);
  const double threshold = options.threshold >= 0 ? options.threshold : detector.info().threshold;
  make_folders(options.out);
  Json all = Json::array();
  std::set<std::string> taken;
  for (const auto& photo : photos) {
    if (observer.wants_stop()) throw Interrupted();
    const auto image = read_image(photo);
    const auto found = detector.detect(to_01(image));
    const auto mask = above(found.heat, threshold);
    const auto name = free_name(utf8(photo.stem()), taken);
    const auto file = [&](const char* suffix) { return options.out / fs::u8path(name + suffix); };
    write_png(file(".heat.png"), from_01(found.heat.unsqueeze(0).expand({3, -1, -1}), 1, 8));
    write_png(file(".mask.png"), mask);
    write_png(file(".overlay.png"), overlay(image, mask, 255, 40, 40));
    Json regions = Json::array();
    for (const auto& part : components(mask)) {
      regions.push_back({{"x", part.box.x0},
                         {"y", part.box.y0},
                         {"width", part.box.width()},
                         {"height", part.box.height()},
                         {"area", part.area}});
    }
    all.push_back({{"photo", utf8(photo)},
                   {"name", name},
                   {"score", found.score},
                   {"defect", area(mask) > 0},
                   {"regions", regions}});
    observer.progressed("detect", static_cast<int64_t>(all.size()), static_cast<int64_t>(photos.size()),
                        name);
  }
  write_json(options.out / "detections.json", {{"threshold", threshold}, {"photos", all}});
}

}  // namespace kizu::pipeline
