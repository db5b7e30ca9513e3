#include "study/type_quality.h"

#include <algorithm>
#include <cmath>

#include "quality/realism.h"
#include "quality/surface_statistics.h"
#include "tensor/noise.h"

namespace kizu::study {
namespace {

struct Spread {
  double mean = 0, sd = 0;
};

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  for (const double value : values) spread.mean += value / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  if (values.size() > 1) spread.sd = std::sqrt(squares / static_cast<double>(values.size() - 1));
  return spread;
}

using AllStatistics = std::vector<quality::SurfaceStatistics>;

AllStatistics statistics(const PictureList& list) {
  AllStatistics all;
  for (const auto& picture : list.near) all.push_back(quality::surface_statistics(picture));
  return all;
}

Spread spread_of(const AllStatistics& all, std::size_t which) {
  std::vector<double> values;
  for (const auto& each : all) values.push_back(each[which]);
  return spread_of(values);
}

Json to_json(const Spread& spread, std::size_t count) {
  return count == 0 ? Json(nullptr) : Json{{"mean", spread.mean}, {"sd", spread.sd}};
}

/// Median of [n]; null without values.
Json median_of(const torch::Tensor& values) {
  return values.numel() == 0 ? Json(nullptr) : Json(values.median().item<double>());
}

Json nearest(const quality::PictureDistance& distance, const std::vector<torch::Tensor>& pictures,
             const std::vector<torch::Tensor>& shots, WorkerPool& pool) {
  if (pictures.empty() || shots.empty()) return nullptr;
  const auto values = quality::nearest_original(distance, pictures, shots, pool);
  return {{"median", median_of(values)}, {"least", values.min().item<double>()}};
}

Json among(const quality::PictureDistance& distance, const std::vector<torch::Tensor>& pictures,
           WorkerPool& pool) {
  if (pictures.size() < 2) return nullptr;
  return quality::mean_of_pairs(quality::distances(distance, pictures, pictures, pool));
}

Json cluster_diversity(const quality::PictureDistance& distance, const std::vector<torch::Tensor>& made,
                       const std::vector<torch::Tensor>& shots, uint64_t seed, WorkerPool& pool) {
  const auto found = quality::intra_cluster_diversity(distance, made, shots, seed, pool);
  return found.clusters == 0 ? Json(nullptr) : Json(found.value);
}

}  // namespace

Json statistics_of(const TypePictures& pictures) {
  const auto real = statistics(pictures.real), pairs = statistics(pictures.pairs),
             pasted = statistics(pictures.pasted);
  Json rows = Json::array();
  for (std::size_t i = 0; i < quality::kSurfaceStatistics; i++) {
    const auto truth = spread_of(real, i), made = spread_of(pairs, i), copied = spread_of(pasted, i);
    // Half a grey level is the least that counts as a difference.
    const auto off = [&](const Spread& spread, std::size_t count) {
      return count == 0 || real.empty() ? Json(nullptr)
                                        : Json((spread.mean - truth.mean) / std::max(0.5, truth.sd));
    };
    rows.push_back({{"name", quality::kSurfaceNames[i]},
                    {"real", to_json(truth, real.size())},
                    {"pairs", to_json(made, pairs.size())},
                    {"crop_paste", to_json(copied, pasted.size())},
                    {"pairs_off", off(made, pairs.size())},
                    {"crop_paste_off", off(copied, pasted.size())}});
  }
  return rows;
}

Json frechet_of(const TypePictures& pictures, const std::vector<quality::FeatureSet>& sets, uint64_t seed,
                WorkerPool& pool) {
  Json rows = Json::array();
  for (const auto& set : sets) {
    const auto found =
        quality::realism_of(set, quality::samples_of(set, pictures.real.near, pool), pictures.real.piece,
                            {{"pairs", quality::samples_of(set, pictures.pairs.near, pool)},
                             {"crop-paste", quality::samples_of(set, pictures.pasted.near, pool)}},
                            mix(seed, "frechet"));
    rows.push_back({{"features", set.name},
                    {"real", or_null(found.real)},
                    {"pairs", or_null(found.of[0])},
                    {"crop_paste", or_null(found.of[1])},
                    {"pictures", found.size}});
  }
  return rows;
}

Json diversity_of(const TypePictures& pictures, const quality::Instruments& instruments, uint64_t seed,
                  WorkerPool& pool) {
  const auto real = pictures.real.alone(), shots = pictures.shots.alone(), pairs = pictures.pairs.alone(),
             pasted = pictures.pasted.alone();
  Json rows = Json::array();
  for (size_t i = 0; i < instruments.distances.size(); i++) {
    const auto& distance = instruments.distances[i];
    Json row = {{"distance", distance.name},
                {"among",
                 {{"real", among(distance, real, pool)},
                  {"pairs", among(distance, pairs, pool)},
                  {"crop_paste", among(distance, pasted, pool)}}},
                {"nearest_shot",
                 {{"real", nearest(distance, real, shots, pool)},
                  {"pairs", nearest(distance, pairs, shots, pool)},
                  {"crop_paste", nearest(distance, pasted, shots, pool)}}}};
    if (i + 1 < instruments.distances.size()) {  // the last one is that of plain pixels
      const uint64_t own = mix(seed, "clusters");
      row["ic"] = cluster_diversity(distance, pictures.pairs.whole, pictures.shots.whole, own, pool);
      row["ic_masked"] =
          cluster_diversity(distance, pictures.pairs.masked(), pictures.shots.masked(), own, pool);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kizu::study
