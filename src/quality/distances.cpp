#include "quality/distances.h"

#include <algorithm>

#include "quality/sampling.h"
#include "tensor/noise.h"

namespace kizu::quality {
namespace {

constexpr int64_t kMostOfACluster = 50;

using Pictures = std::vector<torch::Tensor>;

Pictures chosen(const Pictures& all, const std::vector<int64_t>& which) {
  Pictures some;
  for (const auto i : which) some.push_back(all[i]);
  return some;
}

/// Vectors of pictures first .. first + count.
Pictures embedded(const PictureDistance& distance, const Pictures& pictures, int64_t first, int64_t count,
                  WorkerPool& pool) {
  Pictures vectors(static_cast<size_t>(count));
  pool.run(count, [&](int, int64_t i) { vectors[i] = distance.embed(pictures[first + i]).contiguous(); });
  return vectors;
}

int64_t block_for(const PictureDistance& distance, const Pictures& pictures, int64_t bytes) {
  const int64_t each = static_cast<int64_t>(distance.embed(pictures.front()).nbytes());
  return std::max<int64_t>(1, bytes / 2 / std::max<int64_t>(1, each));
}

}  // namespace

PictureDistance pixel_distance() {
  return {"mean squared difference of the pixels", [](const torch::Tensor& image_01) {
            const auto small = at::_upsample_bilinear2d_aa(image_01.unsqueeze(0), {32, 32}, false);
            return (small / std::sqrt(static_cast<double>(small.numel()))).flatten();
          }};
}

torch::Tensor distances(const PictureDistance& distance, const Pictures& a, const Pictures& b,
                        WorkerPool& pool, int64_t bytes) {
  const auto rows = static_cast<int64_t>(a.size()), columns = static_cast<int64_t>(b.size());
  auto table = torch::zeros({rows, columns}, torch::kFloat64);
  if (rows == 0 || columns == 0) return table;
  const torch::NoGradGuard no_grad;
  const int64_t block = block_for(distance, a, bytes);
  auto* values = table.data_ptr<double>();
  for (int64_t i = 0; i < rows; i += block) {
    const int64_t high = std::min(block, rows - i);
    const auto upper = embedded(distance, a, i, high, pool);
    for (int64_t j = 0; j < columns; j += block) {
      const int64_t wide = std::min(block, columns - j);
      const auto left = embedded(distance, b, j, wide, pool);
      pool.run(high * wide, [&](int, int64_t k) {
        const auto y = k / wide, x = k % wide;
        values[(i + y) * columns + j + x] = (upper[y] - left[x]).square().sum().item<double>();
      });
    }
  }
  return table;
}

double mean_of_pairs(const torch::Tensor& square) {
  const auto n = square.size(0);
  if (n < 2) return 0;
  return (square.sum() - square.trace()).item<double>() / static_cast<double>(n * (n - 1));
}

Pictures orientations(const torch::Tensor& image_01) {
  Pictures all;
  for (const auto& side : {image_01, image_01.flip(2)})
    for (int turns = 0; turns < 4; turns++) all.push_back(torch::rot90(side, turns, {1, 2}).contiguous());
  return all;
}

torch::Tensor nearest_original(const PictureDistance& distance, const Pictures& pictures,
                               const Pictures& originals, WorkerPool& pool) {
  Pictures turned;
  for (const auto& original : originals)
    for (auto& each : orientations(original)) turned.push_back(each);
  return distances(distance, pictures, turned, pool).amin(1);
}

IntraClusterDiversity intra_cluster_diversity(const PictureDistance& distance, const Pictures& made,
                                              const Pictures& shots, uint64_t seed, WorkerPool& pool) {
  IntraClusterDiversity result;
  if (made.empty() || shots.empty()) return result;
  const auto nearest = distances(distance, made, shots, pool).argmin(1);
  for (int64_t shot = 0; shot < static_cast<int64_t>(shots.size()); shot++) {
    std::vector<int64_t> members;
    for (int64_t i = 0; i < nearest.size(0); i++)
      if (nearest[i].item<int64_t>() == shot) members.push_back(i);
    if (members.size() < 2) continue;
    std::vector<int64_t> some;
    for (const auto i :
         drawn(static_cast<int64_t>(members.size()), kMostOfACluster, mix(seed, "cluster", shot)))
      some.push_back(members[i]);
    const auto cluster = chosen(made, some);
    result.value += mean_of_pairs(distances(distance, cluster, cluster, pool));
    result.clusters++;
  }
  if (result.clusters > 0) result.value /= static_cast<double>(result.clusters);
  return result;
}

}  // namespace kizu::quality
