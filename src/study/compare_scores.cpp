#include "study/compare_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "image/codec.h"
#include "metrics/score_bins.h"
#include "pipeline/score_file.h"
#include "tensor/noise.h"

namespace kizu::study {
namespace {

std::vector<dataset::SplitPhoto> test_photos(const dataset::Split& split) {
  auto photos = split.good_test();
  for (const auto& type : split.types())
    for (auto& photo : split.test(type)) photos.push_back(photo);
  return photos;
}

std::vector<metrics::Drawn> drawn(const std::vector<dataset::SplitPhoto>& photos) {
  std::vector<metrics::Drawn> out;
  for (const auto& photo : photos)
    out.push_back({photo.type, photo.group.empty() ? "photo " + photo.image : "group " + photo.group});
  return out;
}

// By size where there are defects of both kinds.
std::vector<CompareScope> scopes_of(const std::vector<dataset::SplitPhoto>& photos,
                                    const std::vector<std::string>& types,
                                    const std::filesystem::path& data) {
  std::vector<CompareScope> scopes{{"", {}, 0}};
  for (const auto& type : types) scopes.push_back({type, {}, scopes.size()});
  for (const auto& photo : photos)
    for (auto& scope : scopes)
      scope.has.push_back(!photo.mask.empty() && (scope.name.empty() || photo.type == scope.name));
  if (data.empty()) return scopes;
  CompareScope small{CompareScope::kSmall, {}, 0}, large{CompareScope::kLarge, {}, 0};
  for (const auto& photo : photos) {
    const bool defect = !photo.mask.empty();
    const bool little = defect && is_small_or_thin(read_mask(data / std::filesystem::u8path(photo.mask)));
    small.has.push_back(little);
    large.has.push_back(defect && !little);
  }
  const auto any = [](const CompareScope& scope) {
    return std::find(scope.has.begin(), scope.has.end(), true) != scope.has.end();
  };
  if (any(small) && any(large)) scopes.insert(scopes.end(), {small, large});
  return scopes;
}

double or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

// The mean over the types' scopes, metric by metric.
std::array<metrics::Sampled, kComparedCount> mean_of_types(const Scores& scores,
                                                           const std::vector<CompareScope>& scopes) {
  std::array<metrics::Sampled, kComparedCount> mean;
  for (std::size_t m = 0; m < kComparedCount; m++) {
    std::vector<std::vector<metrics::Sampled>> types;
    for (std::size_t scope = 0; scope < scopes.size(); scope++)
      if (scopes[scope].type_row > 0) types.push_back({scores[scope][m]});
    mean[m] = metrics::average(types)[0];
  }
  return mean;
}

// What one localizer made of the test photos.
struct Evaluated {
  std::vector<metrics::ScoreBins> bins;
  std::vector<metrics::Scored> images;
};

// Every metric of every scope under one weighting of the photos: out[scope][metric].
std::vector<std::array<double, kComparedCount>> measure(const Evaluated& evaluated,
                                                        const metrics::WeightedRanking& ranking,
                                                        const TestPhotos& test,
                                                        const std::vector<double>& weights) {
  const auto& photos = test.photos();
  metrics::ScoreBinsSum good;
  for (std::size_t i = 0; i < photos.size(); i++)
    if (photos[i].mask.empty()) good.add(evaluated.bins[i], weights[i]);
  std::vector<std::array<double, kComparedCount>> out;
  for (const auto& scope : test.scopes()) {
    auto sum = good;
    auto chosen = weights;
    for (std::size_t i = 0; i < photos.size(); i++) {
      if (photos[i].mask.empty()) continue;
      if (scope.has[i])
        sum.add(evaluated.bins[i], weights[i]);
      else
        chosen[i] = 0;
    }
    const auto pixel = sum.finish();
    const auto image = ranking.measure(chosen);
    out.push_back({or_nan(pixel.auroc), or_nan(pixel.ap), or_nan(pixel.f1_max), or_nan(pixel.au_pro),
                   or_nan(image.auroc), or_nan(image.ap), or_nan(image.f1_max)});
  }
  return out;
}

Evaluated read_evaluated(const std::filesystem::path& folder, const Json& metrics, const TestPhotos& test) {
  Evaluated out{pipeline::read_score_bins(folder / "scores.safetensors"), {}};
  const auto& scored = metrics.at("photos_scored");
  bool fits = out.bins.size() == test.photos().size() && scored.size() == out.bins.size();
  for (std::size_t i = 0; fits && i < scored.size(); i++) {
    const auto& photo = test.photos()[i];
    fits = scored[i].at("photo") == photo.image;
    out.images.push_back({scored[i].at("image_score").get<double>(), !photo.mask.empty()});
  }
  if (!fits)
    throw Error(folder.string() + ": measured on other photos; remove the folder and run the same again");
  return out;
}

}  // namespace

bool is_small_or_thin(const Mask& mask) {
  constexpr int kSmallSide = 12;
  const auto regions = components(mask);
  const auto largest = std::max_element(regions.begin(), regions.end(),
                                        [](const auto& a, const auto& b) { return a.area < b.area; });
  if (largest == regions.end()) return false;
  if (std::max(largest->box.width(), largest->box.height()) < kSmallSide) return true;
  return area(erode(mask, 1)) == 0;
}

TestPhotos::TestPhotos(const dataset::Split& split, int64_t replicates, const std::filesystem::path& data)
    : photos_(test_photos(split)),
      scopes_(scopes_of(photos_, split.types(), data)),
      bootstrap_(drawn(photos_), mix(1, split.category)) {
  for (int64_t r = 0; r < replicates; r++) weights_.push_back(bootstrap_.weights(static_cast<uint64_t>(r)));
}

std::vector<std::string> TestPhotos::measured() const {
  std::vector<std::string> names;
  std::size_t types = 0;
  for (const auto& scope : scopes_) {
    names.push_back(scope.name);
    types += scope.type_row > 0;
  }
  if (types > 1) names.emplace_back(kTypesAlike);
  return names;
}

std::vector<std::vector<std::size_t>> TestPhotos::draws(std::size_t seeds) const {
  std::vector<std::vector<std::size_t>> out;
  for (std::size_t r = 0; r < weights_.size(); r++) out.push_back(bootstrap_.draw(seeds, r));
  return out;
}

Scores read_scores(const CompareTraining& training, const TestPhotos& photos) {
  const auto folder = training.workspace.step("evaluation-" + training.name);
  const auto metrics = read_json(folder / "metrics.json");
  const auto evaluated = read_evaluated(folder, metrics, photos);
  const metrics::WeightedRanking ranking(evaluated.images);
  auto values = measure(evaluated, ranking, photos, std::vector<double>(photos.photos().size(), 1));
  Scores scores(values.size());
  for (std::size_t scope = 0; scope < scores.size(); scope++) {
    const std::size_t row = photos.scopes()[scope].type_row;
    for (std::size_t m = 0; m < kComparedCount; m++) {
      auto& value = scores[scope][m].value;
      value = std::isnan(values[scope][m]) ? 0 : values[scope][m];
      if (scope > 0 && row == 0) continue;
      const auto& exact =
          (row == 0 ? metrics.at("overall") : metrics.at("types").at(row - 1)).at(kCompared[m]);
      if (exact.is_number()) value = exact.get<double>();
    }
  }
  for (const auto& weights : photos.weights()) {
    const auto measured = measure(evaluated, ranking, photos, weights);
    for (std::size_t scope = 0; scope < scores.size(); scope++)
      for (std::size_t m = 0; m < kComparedCount; m++)
        scores[scope][m].replicates.push_back(measured[scope][m]);
  }
  if (photos.measured().size() > scores.size()) scores.push_back(mean_of_types(scores, photos.scopes()));
  return scores;
}

}  // namespace kizu::study
