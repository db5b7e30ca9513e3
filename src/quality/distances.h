#pragma once
#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "tensor/worker_pool.h"

namespace kizu::quality {

/// A distance of pictures that is the squared Euclidean distance of vectors, such as LPIPS.
struct PictureDistance {
  std::string name;
  std::function<torch::Tensor(const torch::Tensor& image_01)> embed;  // [3, H, W] in [0, 1] -> [n]
};

/// The mean squared difference of two pictures at 32 x 32: needs no network and finds plain copies.
PictureDistance pixel_distance();

/// Distances [a, b] float64 between two lists of pictures of one size. Only so many vectors are held at once
/// as fit `bytes`; those that do not are computed again. The same values for any number of workers.
torch::Tensor distances(const PictureDistance& distance, const std::vector<torch::Tensor>& a,
                        const std::vector<torch::Tensor>& b, WorkerPool& pool, int64_t bytes = 1LL << 29);

/// Mean of a square table of distances over the pairs of different pictures; 0 for fewer than two.
double mean_of_pairs(const torch::Tensor& square);

/// The picture and its copies mirrored and turned by quarters: eight in all.
std::vector<torch::Tensor> orientations(const torch::Tensor& image_01);

/// How near each picture comes to the nearest of `originals` in any of its eight orientations. [n] float64.
torch::Tensor nearest_original(const PictureDistance& distance, const std::vector<torch::Tensor>& pictures,
                               const std::vector<torch::Tensor>& originals, WorkerPool& pool);

/// Intra-cluster diversity (Ojha et al. 2021, as AnomalyDiffusion measures it): every made picture joins the
/// nearest shot; of each shot's pictures up to 50 are drawn; the mean distance of their pairs is averaged
/// over the shots that have two or more. `clusters` says how many those are; with none the value is 0.
struct IntraClusterDiversity {
  double value = 0;
  int64_t clusters = 0;
};
IntraClusterDiversity intra_cluster_diversity(const PictureDistance& distance,
                                              const std::vector<torch::Tensor>& made,
                                              const std::vector<torch::Tensor>& shots, uint64_t seed,
                                              WorkerPool& pool);

}  // namespace kizu::quality
