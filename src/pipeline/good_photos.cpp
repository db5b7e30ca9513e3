#include "pipeline/good_photos.h"

#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "image/codec.h"

namespace kizu::pipeline {

anomaly::PartFinder learn_part_finder(const Workspace& workspace, const dataset::Split& split) {
  const auto good = split.good_train();
  if (good.empty())
    throw Error(utf8(workspace.data) + ": no good photo is left for training; add good photos");
  std::vector<Image> photos;
  for (const std::size_t i : anomaly::PartFinder::looks_at(good.size()))
    photos.push_back(read_image(workspace.data / std::filesystem::u8path(good[i].image)));
  return anomaly::PartFinder::learn(photos);
}

bool has_aligned_photos(const Workspace& workspace, const dataset::Split& split) {
  const auto folder = workspace.step("masks");
  if (std::filesystem::exists(folder / "run.json")) {
    const Json results = read_run(folder).value("results", Json::object());
    if (results.is_object() && results.value("aligned", Json()).is_boolean())
      return results["aligned"].get<bool>();
  }
  return learn_part_finder(workspace, split).arrangement().aligned;
}

int64_t step_pixels(const Workspace& product, const dataset::Examination& examination,
                    const inspection::TrainOptions& train) {
  auto options = train;
  if (options.samples.crop == 0 || options.batch == 0)
    options = options.for_photos(has_aligned_photos(product, examination.split));
  return options.within(examination.longest_side()).step_pixels();
}

}  // namespace kizu::pipeline
