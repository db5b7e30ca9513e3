// Times the localizers: kizu_localizer_bench [threads] [width]
//   a training step of batch 8 at 160 px (two shards), the forward pass of a 256 px and a 1024 px photo.
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "inspection/localizer_net.h"
#include "inspection/losses.h"
#include "tensor/adam.h"
#include "tensor/noise.h"
#include "tensor/sharded.h"

namespace {

double seconds_of(const std::function<void()>& work, int times) {
  work();
  double best = 1e9;
  for (int i = 0; i < times; i++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double forward_seconds(kizu::inspection::Localizer& net, int64_t side) {
  const torch::NoGradGuard no_grad;
  const auto photo = kizu::NoiseStream(1).uniform_tensor({1, 3, side, side});
  return seconds_of([&] { net.forward(photo); }, 5);
}

double step_seconds(const kizu::inspection::LocalizerConfig& config, int workers) {
  kizu::WorkerPool pool(workers);
  const auto make = [&] { return kizu::inspection::make_localizer(config, 1); };
  const auto nets = kizu::replicas<kizu::inspection::Localizer>(make(), workers, make);
  std::vector<std::vector<torch::Tensor>> parameters;
  for (const auto& net : nets) parameters.push_back(kizu::values_of(kizu::trainables(*net)));
  kizu::ShardedGradient gradient(pool, parameters, 2);
  kizu::Adam adam(kizu::trainables(*nets[0]), {});
  const auto photos = kizu::NoiseStream(1).uniform_tensor({4, 3, 160, 160});
  const auto mask = (kizu::NoiseStream(2).uniform_tensor({4, 1, 160, 160}) > 0.9).to(torch::kFloat32);
  return seconds_of(
      [&] {
        const auto result = gradient.compute([&](int worker, int64_t) {
          return kizu::inspection::focal_loss(torch::softmax(nets[worker]->forward(photos), 1), mask);
        });
        adam.step(result.of, 1e-4);
      },
      8);
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
  const int64_t width = argc > 2 ? std::atoi(argv[2]) : 16;
  for (const kizu::inspection::LocalizerConfig& config :
       {kizu::inspection::LocalizerConfig{"light", width}, kizu::inspection::LocalizerConfig{"draem", 64}}) {
    const auto net = kizu::inspection::make_localizer(config, 1);
    net->eval();
    at::set_num_threads(threads);
    int64_t weights = 0;
    for (const auto& parameter : net->parameters()) weights += parameter.numel();
    std::printf("%s %ld: %.2f M weights, forward 256 px %.3f s, 1024 px %.3f s, ", config.net.c_str(),
                static_cast<long>(config.width), static_cast<double>(weights) / 1e6,
                forward_seconds(*net, 256), forward_seconds(*net, 1024));
    std::printf("training step 8 x 160 px %.3f s (%d threads)\n", step_seconds(config, threads), threads);
    std::fflush(stdout);
  }
  return 0;
}
