// Times a training step of the light localizer, part by part: train_bench
//   Batch 8 at 160 px in two shards on two workers, as `kizu train` makes it. "plain" is the same written
//   down with torch's own operators, in the same run. FLOPs count forward, both gradients, multiply and add.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include "core/memory.h"
#include "inspection/light_net.h"
#include "inspection/losses.h"
#include "inspection/samples.h"
#include "inspection/toy_set.h"
#include "tensor/muon.h"
#include "tensor/sharded.h"

namespace {

using namespace kizu::inspection;

constexpr int64_t kShard = 4, kSide = 160;
constexpr double kMacsPerPixel = 232.4e6 / (160 * 160);  // of LightNet(16), forwards

// One thread per shard, as in training; every part below runs on one.
void one_thread() {
  at::set_num_threads(1);
}

torch::Tensor photos() {
  return kizu::NoiseStream(1).uniform_tensor({kShard, 3, kSide, kSide});
}
torch::Tensor masks() {
  return (kizu::NoiseStream(2).uniform_tensor({kShard, 1, kSide, kSide}) > 0.9).to(torch::kFloat32);
}
LightNet drawn() {
  LightNet net(16);
  net.draw_weights(1);
  return net;
}

void count_flops(benchmark::State& state, double passes) {
  state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * passes * kMacsPerPixel * kShard * kSide * kSide,
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

void matrix_product(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  const auto a = torch::rand({2048, 2048}), b = torch::rand({2048, 2048});
  for (auto _ : state) torch::mm(a, b);
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * 2048 * 2048 * 2048, benchmark::Counter::kIsIterationInvariantRate);
}

void forward(benchmark::State& state, bool plain) {
  one_thread();
  auto net = drawn();
  const torch::NoGradGuard no_grad;
  const auto seen = photos();
  for (auto _ : state) plain ? net.forward_plain(seen) : net.forward(seen);
  count_flops(state, 1);
}

void forward_and_backward(benchmark::State& state, bool plain) {
  one_thread();
  auto net = drawn();
  const auto seen = photos();
  const auto gradient = torch::rand({kShard, 2, kSide, kSide});
  for (auto _ : state)
    torch::autograd::grad({plain ? net.forward_plain(seen) : net.forward(seen)}, net.parameters(),
                          {gradient});
  count_flops(state, 3);
}

void loss_and_backward(benchmark::State& state, bool plain) {
  one_thread();
  const auto logits = torch::randn({kShard, 2, kSide, kSide}).requires_grad_(true), truth = masks();
  for (auto _ : state) {
    const auto loss =
        plain ? localizer_loss_plain(logits, truth, 0.5, 0.1) : localizer_loss(logits, truth, 0.5, 0.1);
    torch::autograd::grad({loss}, {logits});
  }
}

TrainingSet photo_set() {
  TrainingSet set;
  for (int i = 0; i < 12; i++) {
    auto& pool = i % 3 == 0 ? set.good : i % 3 == 1 ? set.pairs : set.shots;
    const auto photo = torch::randint(0, 256, {3, 256, 384}, torch::kUInt8);
    auto mask = torch::zeros({1, 256, 384}, torch::kUInt8);
    if (i % 3 != 0) mask.slice(1, 100, 130).slice(2, 200, 240).fill_(1);
    pool.push_back({photo, mask});
  }
  return set;
}

void draw_samples(benchmark::State& state, const char* mix) {
  one_thread();
  const auto set = photo_set();
  const auto sources = Mix::parse(mix);
  int64_t first = 0;
  for (auto _ : state) {
    draw_batch(set, sources, {}, 1, first, kShard);
    first += kShard;
  }
}

// A whole step on two workers; drawing samples is not in it.
template <class Optimiser>
void step(benchmark::State& state, bool plain) {
  kizu::WorkerPool pool(2);
  const auto make = [] {
    auto net = std::make_shared<LightNet>(16);
    net->draw_weights(1);
    return net;
  };
  const auto nets = kizu::replicas<LightNet>(make(), 2, make);
  std::vector<std::vector<torch::Tensor>> parameters;
  for (const auto& net : nets) parameters.push_back(kizu::values_of(kizu::trainables(*net)));
  kizu::ShardedGradient gradient(pool, parameters, 2);
  Optimiser optimiser(kizu::trainables(*nets[0]), {});
  kizu::MovingAverage average(kizu::trainables(*nets[0]), 0.99);
  const auto seen = photos(), truth = masks();
  for (auto _ : state) {
    auto result = gradient.compute([&](int worker, int64_t) {
      return plain ? localizer_loss_plain(nets[worker]->forward_plain(seen), truth, 0.5, 0.1)
                   : localizer_loss(nets[worker]->forward(seen), truth, 0.5, 0.1);
    });
    auto* threads = plain ? nullptr : &pool;
    kizu::clip_norm(result.of, 1, threads);
    optimiser.step(result.of, 1e-4, threads);
    average.update(threads);
  }
  count_flops(state, 6);
}

template <class Optimiser>
void after_the_gradient(benchmark::State& state, bool plain) {
  kizu::WorkerPool pool(2);
  auto net = drawn();
  Optimiser optimiser(kizu::trainables(net), {});
  kizu::MovingAverage average(kizu::trainables(net), 0.99);
  std::vector<torch::Tensor> gradient;
  for (const auto& parameter : net.parameters()) gradient.push_back(torch::ones_like(parameter));
  auto* threads = plain ? nullptr : &pool;
  for (auto _ : state) {
    auto clipped = gradient;
    kizu::clip_norm(clipped, 1, threads);
    optimiser.step(clipped, 1e-4, threads);
    average.update(threads);
  }
}

void set_up(benchmark::internal::Benchmark* b) {
  b->Unit(benchmark::kMillisecond)->UseRealTime();
}

BENCHMARK(matrix_product)->Arg(1)->Arg(2)->Apply(set_up);
BENCHMARK_CAPTURE(forward, plain, true)->Apply(set_up);
BENCHMARK_CAPTURE(forward, ours, false)->Apply(set_up);
BENCHMARK_CAPTURE(forward_and_backward, plain, true)->Apply(set_up);
BENCHMARK_CAPTURE(forward_and_backward, ours, false)->Apply(set_up);
BENCHMARK_CAPTURE(loss_and_backward, plain, true)->Apply(set_up);
BENCHMARK_CAPTURE(loss_and_backward, ours, false)->Apply(set_up);
BENCHMARK_CAPTURE(draw_samples, default_mix, "good:0.4,shots:0.1,crop_paste:0.2,pairs:0.3")->Apply(set_up);
BENCHMARK_CAPTURE(draw_samples, good, "good:1")->Apply(set_up);
BENCHMARK_CAPTURE(draw_samples, crop_paste, "crop_paste:1")->Apply(set_up);
BENCHMARK_CAPTURE(draw_samples, poisson, "crop_paste_poisson:1")->Apply(set_up);
BENCHMARK_CAPTURE(draw_samples, perlin, "perlin:1")->Apply(set_up);

// BENCHMARK_CAPTURE takes no templates.
template <class Run>
void add(const char* name, Run* run, bool plain) {
  set_up(benchmark::RegisterBenchmark(name, run, plain));
}

void add_those_of_optimisers() {
  add("after_the_gradient/plain", after_the_gradient<kizu::Adam>, true);
  add("after_the_gradient/ours", after_the_gradient<kizu::Adam>, false);
  add("after_the_gradient/muon", after_the_gradient<kizu::Muon>, false);
  add("step/plain", step<kizu::Adam>, true);
  add("step/ours", step<kizu::Adam>, false);
  add("step/muon", step<kizu::Muon>, false);
}

}  // namespace

int main(int argc, char** argv) {
  kizu::keep_freed_memory();
  benchmark::Initialize(&argc, argv);
  add_those_of_optimisers();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
