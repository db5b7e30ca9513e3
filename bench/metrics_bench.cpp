// Times all pixel metrics of a data set: metrics_bench
//   maps of 1024 x 1024 on one thread and two, with the share of the time that the memory alone would take;
//   half and twice as many pixels show whether the time is linear. The last argument is the kind of scores:
//   0 as a localizer gives them, 1 hardly any ties, 2 of 256 levels, 3 half of the pixels defects.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <cstring>

#include "core/parallel.h"
#include "metrics/dice.h"
#include "metrics/pixel_metrics.h"

namespace {

using kizu::metrics::ScoredImage;

constexpr int kSide = 1024;
enum Kind { kLocalizer, kDistinct, kLevels, kDense };

// Two rounded defects on three of four photos; the score follows them loosely.
ScoredImage map_of(int number, Kind kind) {
  kizu::metrics::Dice dice{static_cast<uint64_t>(number) + 1};
  ScoredImage image{kSide, kSide, {}, {}, {}};
  image.scores.reserve(kSide * kSide);
  image.mask.reserve(kSide * kSide);
  const double radius = kind == kDense ? 420 : 90;
  const double cx[] = {200 + 600 * dice.next(), 200 + 600 * dice.next()};
  const double cy[] = {200 + 600 * dice.next(), 200 + 600 * dice.next()};
  for (int y = 0; y < kSide; y++) {
    for (int x = 0; x < kSide; x++) {
      double near = 0;
      for (int k = 0; k < 2; k++)
        near = std::max(near, radius * radius / ((x - cx[k]) * (x - cx[k]) + (y - cy[k]) * (y - cy[k]) + 1));
      const bool defect = number % 4 != 0 && near > 1;
      double score = 4 * std::min(near, 3.0) - 8 + 3 * dice.next();  // log odds
      if (kind != kDistinct) score = 1 / (1 + std::exp(-score));
      if (kind == kLevels) score = std::floor(score * 255) / 255;
      image.mask.push_back(defect);
      image.scores.push_back(static_cast<float>(score));
    }
  }
  return image;
}

const std::vector<ScoredImage>& maps_of(int count, Kind kind) {
  static std::vector<ScoredImage> maps;
  static Kind of = kLocalizer;
  if (of != kind) maps.clear();
  of = kind;
  while (static_cast<int>(maps.size()) < count) maps.push_back(map_of(static_cast<int>(maps.size()), kind));
  maps.resize(static_cast<std::size_t>(count));
  return maps;
}

// Bytes read and written in a second by copying 512 MB on all cores, best of three.
double bandwidth() {
  static const double best = [] {
    constexpr std::size_t kPiece = std::size_t{256} << 20;
    const auto threads = static_cast<std::size_t>(kizu::thread_count(0));
    std::vector<char> from(kPiece * threads, 1), to(kPiece * threads, 2);
    double fastest = 0;
    for (int i = 0; i < 3; i++) {
      const auto start = std::chrono::steady_clock::now();
      kizu::in_parallel(0, threads,
                        [&](std::size_t t) { std::memcpy(&to[t * kPiece], &from[t * kPiece], kPiece); });
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      fastest = std::max(fastest, 2.0 * static_cast<double>(to.size()) / took.count());
    }
    return fastest;
  }();
  return best;
}

void all_pixel_metrics(benchmark::State& state) {
  const auto& maps = maps_of(static_cast<int>(state.range(0)), static_cast<Kind>(state.range(2)));
  const auto threads = static_cast<int>(state.range(1));
  double ap = 0;
  for (auto _ : state) ap = *kizu::metrics::evaluate_pixels(maps, {}, threads).ranking.ap;
  const double pixels = static_cast<double>(maps.size()) * kSide * kSide;
  state.counters["ap"] = ap;
  state.counters["ns/pixel"] = benchmark::Counter(
      pixels * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["GB/s"] = bandwidth() / 1e9;
  // The least: score and mask are read, a key is written; it is read and written in each of three passes,
  // read twice there; and once at the end.
  state.counters["floor_s"] = pixels * (5 + 4 + 3 * 12 + 4) / bandwidth();
}

BENCHMARK(all_pixel_metrics)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Args({42, 2, kLocalizer})
    ->Args({83, 2, kLocalizer})
    ->Args({166, 2, kLocalizer})
    ->Args({83, 1, kLocalizer})
    ->Args({83, 2, kDistinct})
    ->Args({83, 2, kLevels})
    ->Args({83, 2, kDense});

}  // namespace

BENCHMARK_MAIN();
