// One pair of 256 x 256 pixels on the published base at full width, from end to end: load, encode, 10 sampler
// steps as the preset `improved` takes them, two decodes, pasting. Random weights in a temporary file of
// 3.9 GB, or half of that, which is mapped. scripts/bench runs it.
//   pair_bench fp32|fp16|bf16 [widen]
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "anomaly/concept_generation.h"
#include "core/memory.h"
#include "core/scratch_folder.h"
#include "layers/exact.h"
#include "random_networks.h"
#include "tensor/noise.h"

namespace kizu::bench {
namespace {

constexpr int kThreads = 2;

/// All parts are in a folder; of the text encoder, which painting does not need, one layer.
void save_base(const std::filesystem::path& folder, torch::ScalarType type) {
  ldm::LatentDiffusion base;
  base.config.text.layers = 1;
  base.unet = full_unet();
  base.autoencoder = full_autoencoder();
  base.text = random_text_encoder(base.config.text);
  base.save(folder, type, {});
}

anomaly::PaintRequest request() {
  anomaly::PaintRequest one{"dent", Image::blank(256, 256, 3), Image::blank(256, 256, 1), 7};
  NoiseStream grain(3);
  for (auto& value : one.good.values) value = static_cast<std::uint16_t>(90 + grain.below(60));
  for (int y = 90; y < 150; ++y)
    for (int x = 80; x < 180; ++x) one.mask.at(x, y, 0) = one.mask.most();
  return one;
}

void begin_peak_anew() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double gigabytes(uint64_t bytes) {
  return static_cast<double>(bytes) / 1e9;
}

void paint_twice(const std::filesystem::path& folder, const ldm::LoadOptions& load, const std::string& name) {
  auto preset = anomaly::Preset::named("improved");
  preset.set("sampler_steps=10");
  anomaly::Context context;
  context.tokens = NoiseStream(2).normal({1, 77, 1280});
  context.ranges = {{{1, 12}}};
  begin_peak_anew();
  const auto before = resident_bytes();
  auto start = std::chrono::steady_clock::now();
  auto base = ldm::LatentDiffusion::load(folder, load);
  for (const char* which : {"first, loading and preparing weights", "second"}) {
    const auto pairs = anomaly::paint_pairs(base, context, {request()}, 256, preset);
    const auto end = std::chrono::steady_clock::now();
    uint64_t sum = 0;
    for (const auto value : pairs[0].image.values) sum = sum * 31 + value;
    std::printf("one pair, %s, %s: %.2f s, peak %.2f GB (%.2f GB before), picture %016llx\n", name.c_str(), which,
                std::chrono::duration<double>(end - start).count(), gigabytes(peak_resident_bytes()),
                gigabytes(before), static_cast<unsigned long long>(sum));
    std::fflush(stdout);
    start = std::chrono::steady_clock::now();
  }
}

}  // namespace
}  // namespace kizu::bench
