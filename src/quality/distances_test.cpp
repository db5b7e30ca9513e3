#include "quality/distances.h"

#include <gtest/gtest.h>

#include "quality/sampling.h"
#include "tensor/noise.h"

namespace kizu::quality {
namespace {

/// Pictures of one pixel whose distance is the squared difference of their values.
PictureDistance on_a_line() {
  return {"line", [](const torch::Tensor& image) { return image.flatten().slice(0, 0, 1); }};
}
std::vector<torch::Tensor> points(const std::vector<float>& values) {
  std::vector<torch::Tensor> all;
  for (const float value : values) all.push_back(torch::full({3, 1, 1}, value));
  return all;
}

TEST(Distances, AreTheSquaresWhateverFitsIntoMemory) {
  WorkerPool pool(2);
  const auto a = points({0, 1, 5}), b = points({2, 4});
  const auto table = distances(on_a_line(), a, b, pool);
  const auto expected = torch::tensor({{4.0, 16.0}, {1.0, 9.0}, {9.0, 1.0}}, torch::kFloat64);
  EXPECT_TRUE(table.equal(expected)) << table;
  EXPECT_TRUE(distances(on_a_line(), a, b, pool, 8).equal(expected));
  WorkerPool alone(1);
  EXPECT_TRUE(distances(on_a_line(), a, b, alone).equal(expected));
  EXPECT_DOUBLE_EQ(mean_of_pairs(distances(on_a_line(), a, a, pool)), (1 + 25 + 16) / 3.0);
}

TEST(Distances, ATurnedAndMirroredCopyIsFound) {
  WorkerPool pool(2);
  const auto shot = NoiseStream(1).uniform_tensor({3, 40, 40}),
             other = NoiseStream(2).uniform_tensor({3, 40, 40});
  const auto copy = torch::rot90(shot.flip(2), 1, {1, 2});
  const auto nearest = nearest_original(pixel_distance(), {copy, other}, {shot}, pool);
  EXPECT_NEAR(nearest[0].item<double>(), 0, 1e-10);
  EXPECT_GT(nearest[1].item<double>(), 1e-3);
  EXPECT_EQ(orientations(shot).size(), 8U);
}

TEST(Distances, PixelsOfBlackAndWhiteDifferByOne) {
  WorkerPool pool(1);
  const auto table =
      distances(pixel_distance(), {torch::zeros({3, 50, 50})}, {torch::ones({3, 50, 50})}, pool);
  EXPECT_NEAR(table.item<double>(), 1, 1e-5);
}

TEST(IntraClusterDiversity, IsTheMeanOverShotsOfTheMeanOverPairs) {
  WorkerPool pool(2);
  const auto found =
      intra_cluster_diversity(on_a_line(), points({0, 2, 10, 14, 99}), points({1, 12, 90}), 1, pool);
  EXPECT_EQ(found.clusters, 2);  // one picture at 99 makes no pair
  EXPECT_DOUBLE_EQ(found.value, (4 + 16) / 2.0);
  EXPECT_EQ(intra_cluster_diversity(on_a_line(), points({3}), points({1}), 1, pool).clusters, 0);
}

TEST(Sampling, HalvesKeepPiecesTogetherAndAreEven) {
  const std::vector<std::string> piece{"a", "a", "a", "b", "b", "", "", ""};
  for (uint64_t seed = 0; seed < 20; seed++) {
    const auto divided = halves(piece, seed);
    EXPECT_EQ(divided.a.size(), 4U);
    EXPECT_EQ(divided.b.size(), 4U);
    const auto in_a = [&](int64_t i) { return std::count(divided.a.begin(), divided.a.end(), i); };
    EXPECT_EQ(in_a(0), in_a(1));
    EXPECT_EQ(in_a(0), in_a(2));
    EXPECT_EQ(in_a(3), in_a(4));
  }
  EXPECT_EQ(drawn(3, 9, 1), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(drawn(100, 5, 1), drawn(100, 5, 1));
  EXPECT_NE(drawn(100, 5, 1), drawn(100, 5, 2));
}

}  // namespace
}  // namespace kizu::quality
