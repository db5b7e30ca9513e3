// One pair of 256 x 256 pixels on the published base at its full width, from end to end: load, encode, 10
// sampler steps as the preset `improved` takes them, two decodes, pasting. Random weights lie in files (8
// GB), which are mapped: pair_bench [FOLDER] [options of Google Benchmark] keeps them in FOLDER for the next
// time, otherwise they are temporary. scripts/bench runs it.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "anomaly/concept_generation.h"
#include "core/error.h"
#include "core/memory.h"
#include "core/scratch_folder.h"
#include "dent.h"
#include "random_networks.h"
#include "tensor/noise.h"

namespace kizu::bench {
namespace {

namespace fs = std::filesystem;

/// How the weights lie in the file, and in memory.
struct Storage {
  const char* name;
  torch::ScalarType stored, kept;
};
constexpr Storage kStorages[] = {{"float16", torch::kFloat16, torch::kFloat16},
                                 {"bfloat16", torch::kBFloat16, torch::kBFloat16},
                                 {"float32", torch::kFloat32, torch::kFloat32}};

/// In a process of its own, so that its memory is not counted, and on one thread, because others do not
/// survive a fork. Of the text encoder, which painting does not need, there is one layer.
void save_base(const fs::path& folder, torch::ScalarType type) {
  if (fs::exists(folder)) return;
  const auto child = fork();
  if (child == 0) {
    at::set_num_threads(1);
    ldm::LatentDiffusion base;
    base.config.text.layers = 1;
    base.unet = full_unet();
    base.autoencoder = full_autoencoder();
    base.text = random_text_encoder(base.config.text);
    base.save(folder, type, {});
    _exit(0);
  }
  int status = 1;
  waitpid(child, &status, 0);
  if (status != 0) throw Error("the random base could not be written to " + folder.string());
}

void paint(ldm::LatentDiffusion& base) {
  auto preset = anomaly::Preset::named("improved");
  preset.set("sampler_steps=10");
  const anomaly::Context context{NoiseStream(2).normal({1, 77, 1280}), torch::tensor({{1, 13}})};
  benchmark::DoNotOptimize(anomaly::paint_pairs(base, context, {dent(7)}, 256, preset));
}

void begin_peak_anew() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

/// The first pair, with loading and preparing the weights, or another one after it.
void add(const fs::path& folder, const Storage& storage, bool first) {
  const auto name = std::string("one pair, ") + storage.name + (first ? ", the first" : ", another");
  benchmark::RegisterBenchmark(name.c_str(),
                               [=](benchmark::State& state) {
                                 save_base(folder, storage.stored);
                                 at::set_num_threads(2);
                                 ldm::LoadOptions load;
                                 load.text = false;
                                 load.kept = storage.kept;
                                 begin_peak_anew();
                                 ldm::LatentDiffusion base;
                                 const auto make = [&] { base = ldm::LatentDiffusion::load(folder, load); };
                                 if (!first) make(), paint(base);
                                 for (auto _ : state) {
                                   if (first) make();
                                   paint(base);
                                 }
                                 state.counters["peak GB"] = static_cast<double>(peak_resident_bytes()) / 1e9;
                               })
      ->UseRealTime()
      ->Unit(benchmark::kSecond)
      ->Iterations(first ? 1 : 2);
}

}  // namespace
}  // namespace kizu::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    kizu::keep_freed_memory();  // as the program does
    const kizu::ScratchFolder scratch;
    const auto folder = argc > 1 ? std::filesystem::u8path(argv[1]) : scratch.path();
    for (const auto& each : kizu::bench::kStorages)
      for (const bool first : {true, false}) kizu::bench::add(folder / each.name, each, first);
    benchmark::RunSpecifiedBenchmarks();
  } catch (const kizu::Error& failure) {
    std::fprintf(stderr, "pair_bench: %s\n", failure.what());
    return 2;
  }
}
