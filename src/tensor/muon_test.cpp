#include "tensor/muon.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tensor/noise.h"

namespace kizu {
namespace {

// A layer of filters and its bias; the gradient changes as they move.
struct Layer {
  torch::Tensor filters = NoiseStream(1).normal({6, 2, 3, 3}).requires_grad_(true);
  torch::Tensor bias = NoiseStream(2).normal({6}).requires_grad_(true);

  std::vector<Trainable> trainables() const { return {{"filters", filters}, {"bias", bias}}; }
  std::vector<torch::Tensor> gradient(int step) const {
    const auto x = NoiseStream(mix(3, "x", step)).normal({2, 2, 8, 8});
    return torch::autograd::grad({torch::conv2d(x, filters, bias).tanh().square().mean()}, {filters, bias});
  }
};

double distance(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(Orthogonalised, KeepsSingularVectorsAndEvensValues) {
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{16, 144}, {128, 1152}, {40, 8}, {1, 9}}) {
    const auto matrix = NoiseStream(static_cast<uint64_t>(rows)).normal({rows, columns}) * 37;
    const auto [u, s, v] = torch::linalg_svd(matrix, /*full_matrices=*/false);
    const auto turned = u.t().mm(orthogonalised(matrix)).mm(v.t());
    const auto values = turned.diagonal();
    EXPECT_GT(values.min().item<double>(), 0.6) << rows;
    EXPECT_LT(values.max().item<double>(), 1.3) << rows;
    EXPECT_LT(distance(turned, torch::diag(values)), 1e-3) << rows << ": other singular vectors";
  }
}

TEST(Orthogonalised, EvensStronglyUnlikeValues) {
  const auto [u, s, v] = torch::linalg_svd(NoiseStream(4).normal({12, 60}), false);
  const auto uneven = u.mm(torch::diag(torch::logspace(0, -2, 12))).mm(v);
  const auto values = std::get<1>(torch::linalg_svd(orthogonalised(uneven), false));
  EXPECT_GT(values.min().item<double>(), 0.6);
  EXPECT_LT(values.max().item<double>(), 1.3);
}

TEST(Orthogonalised, ZerosStayZeros) {
  EXPECT_EQ(orthogonalised(torch::zeros({4, 9})).abs().max().item<double>(), 0);
}

TEST(Muon, TurnsFiltersByTheRateAndMovesTheRestAsAdam) {
  Layer ours, theirs;
  Muon muon(ours.trainables(), {});
  Adam adam({{"bias", theirs.bias}}, {});
  const auto start = ours.filters.detach().clone();
  const auto gradient = ours.gradient(0);
  muon.step(gradient, 0.02);
  adam.step({gradient[1]}, 0.02);
  EXPECT_EQ(distance(ours.bias, theirs.bias), 0);
  // The first step goes along the gradient alone: 0.02 times an orthogonal matrix of 6 rows.
  const auto moved = (start - ours.filters.detach()).flatten(1);
  EXPECT_LT(distance(moved, orthogonalised(gradient[0].flatten(1)) * 0.02), 1e-6);
  EXPECT_NEAR(moved.norm().item<double>(), 0.02 * std::sqrt(6.0), 0.005);
}

TEST(Muon, ComesToTheSameBytesWithAPoolAndAfterResuming) {
  Layer whole, parts;
  WorkerPool pool(3);
  Muon straight(whole.trainables(), {});
  NamedTensors saved;
  {
    Muon first(parts.trainables(), {});
    for (int step = 0; step < 3; step++) first.step(parts.gradient(step), 1e-2, &pool);
    for (const auto& [name, tensor] : first.state()) saved[name] = tensor.clone();
  }
  Muon second(parts.trainables(), {});
  second.load(saved, "a checkpoint");
  for (int step = 3; step < 6; step++) second.step(parts.gradient(step), 1e-2, &pool);
  for (int step = 0; step < 6; step++) straight.step(whole.gradient(step), 1e-2);
  EXPECT_TRUE(torch::equal(whole.filters, parts.filters));
  EXPECT_TRUE(torch::equal(whole.bias, parts.bias));
  saved.erase("muon.filters");
  EXPECT_THROW(second.load(saved, "a checkpoint"), Error);
}

}  // namespace
}  // namespace kizu
