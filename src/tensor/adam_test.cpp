#include "tensor/adam.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/scratch_folder.h"
#include "tensor/noise.h"
#include "tensor/training_state.h"

namespace kizu {
namespace {

// Two tensors and a loss whose gradient changes as they move.
struct Problem {
  torch::Tensor a = NoiseStream(1).normal({3, 4}).requires_grad_(true);
  torch::Tensor b = NoiseStream(2).normal({4}).requires_grad_(true);

  std::vector<Trainable> trainables(double rate_of_b = 1) const { return {{"a", a}, {"b", b, rate_of_b}}; }
  std::vector<torch::Tensor> gradient(int step) const {
    const auto x = NoiseStream(mix(3, "x", step)).normal({8, 3});
    return torch::autograd::grad({(x.mm(a).tanh() + b).square().mean()}, {a, b});
  }
};

double distance(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

template <class Optimiser, class Options>
void expect_like_torch(const AdamOptions& options, Options reference_options) {
  Problem ours, theirs;
  Adam adam(ours.trainables(), options);
  reference_options.betas({options.beta1, options.beta2}).eps(options.eps).weight_decay(options.weight_decay);
  Optimiser reference({theirs.a, theirs.b}, reference_options);
  const auto start = ours.a.detach().clone();
  for (int step = 0; step < 10; step++) {
    adam.step(ours.gradient(step), 0.02);
    const auto gradient = theirs.gradient(step);
    theirs.a.mutable_grad() = gradient[0];
    theirs.b.mutable_grad() = gradient[1];
    reference.step();
  }
  EXPECT_LT(distance(ours.a, theirs.a), 1e-6);
  EXPECT_LT(distance(ours.b, theirs.b), 1e-6);
  EXPECT_GT(distance(ours.a, start), 0.05) << "nothing was learned, so nothing was compared";
}

TEST(Adam, IsTorchAdam) {
  expect_like_torch<torch::optim::Adam>({0.9, 0.999, 1e-8, 0}, torch::optim::AdamOptions(0.02));
  expect_like_torch<torch::optim::Adam>({0.8, 0.98, 1e-6, 0}, torch::optim::AdamOptions(0.02));
}

TEST(Adam, WeightDecayIsTorchAdamW) {
  expect_like_torch<torch::optim::AdamW>({0.9, 0.98, 1e-8, 0.1}, torch::optim::AdamWOptions(0.02));
}

TEST(Adam, RateOfATensorMultipliesTheLearningRate) {
  Problem slow, fast;
  Adam one(slow.trainables(), {}), three(fast.trainables(3), {});
  const auto start = slow.b.detach().clone();
  one.step(slow.gradient(0), 0.01);
  three.step(fast.gradient(0), 0.01);
  EXPECT_TRUE(slow.a.equal(fast.a));
  EXPECT_LT(distance(fast.b - start, 3 * (slow.b - start)), 1e-6);
}

TEST(Adam, UndefinedGradientKeepsMomentumAndIsOtherwiseNeverUsed) {
  Problem p, zero;
  Adam adam(p.trainables(), {}), explicit_zero(zero.trainables(), {});
  const auto gradient = p.gradient(0);
  const auto b = p.b.detach().clone();
  adam.step({gradient[0], {}}, 0.01);
  explicit_zero.step({gradient[0], {}}, 0.01);
  EXPECT_TRUE(p.b.equal(b)) << "never used";
  const auto a = p.a.detach().clone();
  adam.step({{}, gradient[1]}, 0.01);
  explicit_zero.step({torch::zeros_like(p.a), gradient[1]}, 0.01);
  EXPECT_FALSE(p.a.equal(a)) << "momentum goes on";
  EXPECT_TRUE(p.a.equal(zero.a));
  EXPECT_NEAR((p.b - b).abs().min().item<double>(), 0.01, 1e-5) << "the first step of b is its own first";
}

TEST(TrainableTest, ListsWhatRequiresAGradient) {
  torch::nn::Linear linear(2, 3);
  linear->bias.requires_grad_(false);
  const auto all = trainables(*linear, "net.", 0.5);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "net.weight");
  EXPECT_EQ(all[0].rate, 0.5);
  EXPECT_TRUE(values_of(all)[0].is_same(linear->weight));
}

TEST(MovingAverage, DecayRampsUpToItsLimit) {
  auto value = torch::tensor({1.0}, torch::kFloat64);
  MovingAverage average({{"x", value}}, 0.3, 10);
  double expected = 1;
  for (int n = 1; n <= 5; n++) {
    value.fill_(n * n);
    average.update();
    const double decay = std::min(0.3, (1.0 + n) / (10.0 + n));  // 2/11, 3/12, 4/13 > 0.3, ...
    expected = decay * expected + (1 - decay) * n * n;
  }
  EXPECT_EQ(value.item<double>(), 25) << "update() leaves the weights alone";
  average.apply();
  EXPECT_NEAR(value.item<double>(), expected, 1e-12);
}

// Trains up to `steps`, from the checkpoint if there is one, and leaves a checkpoint.
torch::Tensor train(const std::filesystem::path& file, int64_t steps, int64_t* resumed = nullptr) {
  Problem p;
  Adam adam(p.trainables(), {0.9, 0.99, 1e-8, 1e-2});
  MovingAverage average(p.trainables(), 0.9, 3);
  TrainingState state(file, p.trainables(), adam, average);
  const int64_t from = state.resume();
  if (resumed != nullptr) *resumed = from;
  for (int64_t step = from; step < steps; step++) {
    auto gradient = p.gradient(static_cast<int>(step));
    if (step < 2) gradient[1] = torch::Tensor();  // step counts differ from tensor to tensor
    adam.step(gradient, 0.02);
    average.update();
  }
  state.save(steps);
  const auto raw = torch::cat({p.a.flatten(), p.b.flatten()}).detach().clone();
  average.apply();
  return torch::cat({raw, p.a.flatten(), p.b.flatten()}).detach();
}

TEST(TrainingState, ResumesToTheSameBytes) {
  const ScratchFolder folder;
  int64_t resumed = -1;
  const auto undisturbed = train(folder / "whole.safetensors", 9, &resumed);
  EXPECT_EQ(resumed, 0);
  train(folder / "cut.safetensors", 4);
  EXPECT_TRUE(undisturbed.equal(train(folder / "cut.safetensors", 9, &resumed)));
  EXPECT_EQ(resumed, 4);
}

TEST(TrainingState, RefusesACheckpointOfAnotherNetworkOrADamagedOne) {
  const ScratchFolder folder;
  const auto file = folder / "state.safetensors";
  train(file, 2);
  auto other = torch::zeros({2, 2});
  const auto resume_as = [&](const std::vector<Trainable>& trainables) {
    Adam adam(trainables, {});
    MovingAverage average(trainables, 0.9);
    TrainingState(file, trainables, adam, average).resume();
  };
  const Problem p;
  EXPECT_NE(message_of<Error>([&] {
              resume_as({{"a", other}});
            }).find("state.safetensors"),
            std::string::npos);
  EXPECT_NE(message_of<Error>([&] { resume_as({{"c", p.a}}); }).find("state.safetensors"), std::string::npos);
  auto content = read_tensors(file);
  content.erase("adam.a.v");
  write_tensors(file, content);
  const auto message = message_of<Error>([&] { resume_as(p.trainables()); });
  EXPECT_NE(message.find("adam.a.v"), std::string::npos) << message;
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const auto cut = message_of<Error>([&] { resume_as(p.trainables()); });
  EXPECT_NE(cut.find("state.safetensors"), std::string::npos) << cut;
}

}  // namespace
}  // namespace kizu
