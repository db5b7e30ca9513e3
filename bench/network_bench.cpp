// Times the networks of both bases beside what the machine can do: network_bench MODEL [options of Google
// Benchmark], where MODEL is the folder of the compact base. scripts/bench runs it. "plain" is the same
// network through torch's own operators (layers::set_exact).
#include <benchmark/benchmark.h>

#include <any>
#include <cstdio>
#include <functional>

#include "compact_work.h"
#include "core/error.h"
#include "layers/exact.h"
#include "layers/kernels.h"
#include "ldm/compute_need.h"
#include "machine_peak.h"
#include "random_networks.h"
#include "tensor/noise.h"

namespace kizu::bench {
namespace {

constexpr int kThreads = 2;
double peak = 0;  // GFLOP/s of kThreads threads

torch::Tensor normal(std::vector<int64_t> shape) {
  return NoiseStream(2).normal(shape);
}

std::any held;
const void* maker = nullptr;

/// The network that is measured just now. Another one takes its place, because two are too much for memory.
template <class Network>
Network current(Network (*make)()) {
  if (maker != reinterpret_cast<const void*>(make)) {
    held.reset();
    held = make();
    maker = reinterpret_cast<const void*>(make);
  }
  return std::any_cast<Network>(held);
}

using Work = std::function<void()>;

/// One pass of `gflop` that `prepare` makes ready.
void add(const std::string& name, double gflop, const std::function<Work()>& prepare, bool plain) {
  benchmark::RegisterBenchmark((name + (plain ? ", plain" : "")).c_str(),
                               [=](benchmark::State& state) {
                                 const torch::NoGradGuard no_grad;
                                 at::set_num_threads(kThreads);
                                 layers::set_exact(plain);
                                 const auto work = prepare();
                                 work();
                                 for (auto _ : state) work();
                                 const auto per_second = benchmark::Counter::kIsIterationInvariantRate;
                                 state.counters["GFLOP/s"] = benchmark::Counter(gflop, per_second);
                                 state.counters["% of peak"] =
                                     benchmark::Counter(100 * gflop / peak, per_second);
                               })
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond)
      ->MinTime(2);
}

void add_both(const std::string& name, double gflop, const std::function<Work()>& prepare) {
  add(name, gflop, prepare, false);
  add(name, gflop, prepare, true);
}

void add_half() {
  const auto need = ldm::compute_need({}, 256, 256);
  for (const int64_t batch : {1, 2})
    add(
        "full U-Net, weights in float16, 32x32, batch " + std::to_string(batch),
        2e-9 * need.unet * static_cast<double>(batch),
        [=] {
          return [unet = current(half_unet), x = normal({batch, 4, 32, 32}), t = torch::full({batch}, 500),
                  context = normal({batch, 77, 1280})]() mutable { unet(x, t, context); };
        },
        false);
  add(
      "full decoder, weights in float16, 256x256", 2e-9 * need.decode,
      [] {
        return [net = current(half_autoencoder), z = normal({1, 4, 32, 32})]() mutable { net->decode(z); };
      },
      false);
  add(
      "full encoder, weights in float16, 256x256", 2e-9 * need.encode,
      [] {
        return [net = current(half_autoencoder), x = normal({1, 3, 256, 256})]() mutable { net->moments(x); };
      },
      false);
}

void add_full_size() {
  const auto need = ldm::compute_need({}, 256, 256);
  for (const int64_t batch : {1, 2, 8})
    add_both("full U-Net, 32x32, batch " + std::to_string(batch),
             2e-9 * need.unet * static_cast<double>(batch), [=] {
               return
                   [unet = current(full_unet), x = normal({batch, 4, 32, 32}), t = torch::full({batch}, 500),
                    context = normal({batch, 77, 1280})]() mutable { unet(x, t, context); };
             });
  add_both("full decoder, 256x256", 2e-9 * need.decode, [] {
    return [net = current(full_autoencoder), z = normal({1, 4, 32, 32})]() mutable { net->decode(z); };
  });
  add_both("full encoder, 256x256", 2e-9 * need.encode, [] {
    return [net = current(full_autoencoder), x = normal({1, 3, 256, 256})]() mutable { net->moments(x); };
  });
  add_both("full text encoder, 77 tokens", 2e-9 * need.text, [] {
    return [net = current(full_text_encoder), x = normal({1, 77, 1280})]() mutable { net->transform(x); };
  });
}

void add_compact(const std::string& folder) {
  const auto model = ldm::CompactModel::load(folder);
  for (const int64_t batch : {1, 8}) {
    add_both("compact U-Net, 32x32, batch " + std::to_string(batch),
             2e-9 * compact_unet_work(model, 32, batch), [=] {
               const auto condition = compact_condition(model, 32, batch);
               return [=, x = normal({batch, 8, 32, 32}), t = torch::full({batch}, 500)] {
                 model.unet->forward(x, t, condition);
               };
             });
    add_both("compact decoder, 256x256, batch " + std::to_string(batch),
             2e-9 * compact_decoder_work(model, 256, batch), [=] {
               return [=, z = normal({batch, 8, 32, 32})] { model.autoencoder->decode(z); };
             });
    add_both("compact encoder, 256x256, batch " + std::to_string(batch),
             2e-9 * compact_encoder_work(model, 256, batch), [=] {
               return [=, x = normal({batch, 3, 256, 256})] { model.autoencoder->encode(x); };
             });
  }
}

void print_machine() {
  std::printf("inner loops: %s\n", layers::kernels().name);
  for (const int threads : {1, kThreads}) {
    const auto rates = product_rates(threads);
    std::printf("%d thread%s:", threads, threads > 1 ? "s" : "");
    for (const auto& each : rates) std::printf(" %s %.1f GFLOP/s,", each.library.c_str(), each.gflops);
    peak = peak_gflops(rates);
    std::printf(" memory %.1f GB/s\n", read_bandwidth(threads));
  }
  std::printf("peak: %.1f GFLOP/s\n\n", peak);
  std::fflush(stdout);
}

}  // namespace
}  // namespace kizu::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: network_bench MODEL [options of Google Benchmark]\n");
    return 2;
  }
  try {
    kizu::bench::add_full_size();
    kizu::bench::add_half();
    kizu::bench::add_compact(argv[1]);
    kizu::bench::print_machine();
    benchmark::RunSpecifiedBenchmarks();
  } catch (const kizu::Error& failure) {
    std::fprintf(stderr, "network_bench: %s\n", failure.what());
    return 2;
  }
}
